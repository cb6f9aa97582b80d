import CivilTime
package import Records
import RunModel

/// What people set back.
extension PostgresRunStore: RewindingStore {
    package func rewind(_ rewinding: Rewinding) throws(StoreError) -> Rewound? {
        let key = [rewinding.job.description, rewinding.to.timestamptz]
        let kept = JSONText.array(
            columns: RunRecord.columns, rows: rewinding.kept.map { [$0.storable.columnValues] } ?? [])
        let event = JSONText.array(columns: StoreEvent.columns, rows: [rewinding.event.columnValues])
        let answers = try transaction(
            Statement(sql: Statements.lockRewound, parameters: key),
            Statement(sql: Statements.removeRewound, parameters: key),
            Statement(sql: Statements.keepRewound, parameters: key + [kept]),
            Statement(sql: Statements.rewind, parameters: key + [event]))
        guard let values = answers[0].first else { return nil }
        var row = RowReader(columns: ["last_scheduled_for"], values: values)
        return Rewound(from: try row.instant(), removed: answers[1].count)
    }
}
