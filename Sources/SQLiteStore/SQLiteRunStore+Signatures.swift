package import Records

/// What people have confirmed.
extension SQLiteRunStore: SignatureStore {
    package func sign(_ signature: Signature) throws(StoreError) {
        try transaction { connection throws(StoreError) in
            _ = try connection.change(Statements.sign, signature.storable.columnValues)
        }
    }

    package func signatures() throws(StoreError) -> [Signature] {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            try Signature.reading(connection.rows(Statements.signatures))
        }
    }
}

extension Statements {
    fileprivate static let sign = """
        insert into signatures (\(Signature.columns.joined(separator: ", "))) values (?, ?, ?, ?, ?, ?)
        on conflict (item) do update set signed_by = excluded.signed_by, note = excluded.note,
            signed_at = excluded.signed_at, evidence = excluded.evidence, host = excluded.host
        """

    fileprivate static let signatures =
        "select \(Signature.columns.joined(separator: ", ")) from signatures order by item"
}
