package import Records

/// What people have confirmed.
extension PostgresRunStore: SignatureStore {
    package func sign(_ signature: Signature) throws(StoreError) {
        let given = JSONText.array(columns: Signature.columns, rows: [signature.storable.columnValues])
        _ = try transaction(Statement(sql: Statements.sign, parameters: [given]))
    }

    package func signatures() throws(StoreError) -> [Signature] {
        try Signature.reading(transaction(Statement(sql: Statements.signatures), isReadOnly: true)[0])
    }
}

extension Statements {
    fileprivate static let sign = """
        insert into almanac.signatures (\(Signature.columns.joined(separator: ", ")))
        select \(Signature.columns.joined(separator: ", "))
        from jsonb_populate_record(null::almanac.signatures, $1::jsonb -> 0)
        on conflict (item) do update set signed_by = excluded.signed_by, note = excluded.note,
            signed_at = excluded.signed_at, evidence = excluded.evidence, host = excluded.host
        """

    fileprivate static let signatures = """
        select \(Signature.columns.joined(separator: ", ")) from almanac.signatures order by item collate "C"
        """
}
