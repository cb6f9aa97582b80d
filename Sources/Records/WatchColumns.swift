import CivilTime
import RunModel

/// The columns of `hosts` as they are read, in one order for every statement of every store.
extension HostSighting: StoredRow {
    /// The names for errors; `clock_offset` is read in microseconds, and the last four are computed.
    package static let columns = [
        "host", "version", "started_at", "seen_at", "clock_offset", "catalog_hash", "jobs", "has_stopped",
        "is_alive", "other_seen_at", "is_delivering",
    ]

    /// The host whose columns come next in the row.
    package init(reading row: inout RowReader) throws(StoreError) {
        self.init(
            host: HostID(try row.text()), version: try row.text(), startedAt: try row.instant(),
            seenAt: try row.instant(), clockOffset: .microseconds(try row.integer()),
            catalogHash: try row.text(), jobs: Int(try row.integer()), hasStopped: try row.boolean(),
            isAlive: try row.boolean(), otherSeenAt: try row.optionalInstant(),
            isDelivering: try row.boolean())
    }
}

/// The columns of `events`, in one order for every statement of every store.
extension StoreEvent: StoredRow {
    /// The names in the database, in the order of `columnValues` and of reading.
    package static let columns = ["at", "host", "kind", "job", "detail"]

    /// The values of `columns`.
    package var columnValues: [ColumnValue] {
        [
            .instant(at), .text(host.description), .text(kind.rawValue), ColumnValue(job?.description),
            .text(detail.storable(bytesMax: Limits.detailBytesMax)),
        ]
    }

    /// The event whose columns come next in the row.
    package init(reading row: inout RowReader) throws(StoreError) {
        var unknown = UnknownWords()
        self.init(
            at: try row.instant(), host: HostID(try row.text()),
            kind: try unknown.choice("kind", &row, other: .other) ?? .other,
            job: try row.optionalJobName(), detail: unknown.detail(try row.text()) ?? "")
    }
}

/// The columns of `definitions`, in one order for every statement of every store.
extension StoredDefinition: StoredRow {
    /// The names in the database, in the order of reading.
    package static let columns = ["job", "since", "config_hash", "zone_data", "definition", "host"]

    /// The definition whose columns come next in the row.
    package init(reading row: inout RowReader) throws(StoreError) {
        self.init(
            job: try row.jobName(), since: try row.instant(), configHash: try row.optionalText(),
            zoneData: try row.optionalText(), definition: try row.optionalText(), host: HostID(try row.text())
        )
    }
}
