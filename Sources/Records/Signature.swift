package import CivilTime
package import RunModel

/// A person's word that something is as it is to be, which no program can tell.
package struct Signature: Sendable, Equatable {
    /// What was confirmed: the name of a check.
    package var item: String
    /// Who confirmed it, at most `Limits.requestedByBytesMax` bytes.
    package var by: String
    /// What there is to say about it, at most `Limits.detailBytesMax / 2` bytes; nil when nothing.
    package var note: String?
    /// When.
    package var at: Instant
    /// The hash of what was shown then, 32 hexadecimal digits.
    package var evidence: String
    /// Where it was said.
    package var host: HostID

    package init(
        item: String, by: String, note: String? = nil, at: Instant, evidence: String, host: HostID
    ) {
        self.item = item
        self.by = by
        self.note = note
        self.at = at
        self.evidence = evidence
        self.host = host
    }
}

/// Where signatures are kept, the same for every host.
package protocol SignatureStore: Sendable {
    /// Keeps a signature, in the place of an earlier one of the same item.
    func sign(_ signature: Signature) async throws(StoreError)

    /// The last signature of each item, in the order of their names.
    func signatures() async throws(StoreError) -> [Signature]
}

extension Signature {
    /// The signature with its free texts as every store can hold them.
    package var storable: Signature {
        var signature = self
        signature.by = by.storable(bytesMax: Limits.requestedByBytesMax)
        signature.note = note?.storable(bytesMax: Limits.detailBytesMax / 2)
        return signature
    }
}

extension Signature: StoredRow {
    /// The names in the database, in the order of `columnValues` and of reading.
    package static let columns = ["item", "signed_by", "note", "signed_at", "evidence", "host"]

    /// The values of `columns`.
    package var columnValues: [ColumnValue] {
        [
            .text(item), .text(by), ColumnValue(note), .instant(at), .text(evidence),
            .text(host.description),
        ]
    }

    /// The signature whose columns come next in the row.
    package init(reading row: inout RowReader) throws(StoreError) {
        self.init(
            item: try row.text(), by: try row.text(), note: try row.optionalText(), at: try row.instant(),
            evidence: try row.text(), host: HostID(try row.text()))
    }
}
