import CivilTime
package import Records
import RunModel

/// What people set back.
extension SQLiteRunStore: RewindingStore {
    package func rewind(_ rewinding: Rewinding) throws(StoreError) -> Rewound? {
        let key: [ColumnValue] = [.text(rewinding.job.description), .instant(rewinding.to)]
        return try transaction { connection throws(StoreError) in
            guard let values = try connection.rows(Statements.watermarkAfter, key).first else { return nil }
            var row = RowReader(columns: ["last_scheduled_for"], values: values)
            let from = try row.instant()
            let removed = try connection.change(Statements.removeRewound, key)
            if let kept = rewinding.kept?.storable {
                try connection.change(
                    Statements.keepRewound,
                    [
                        .text(kept.id.description), ColumnValue(kept.scheduledUntil),
                        ColumnValue(kept.occurrences), ColumnValue(kept.detail),
                    ])
            }
            try connection.change(Statements.rewind, key)
            try connection.change(Statements.note, rewinding.event.columnValues)
            return Rewound(from: from, removed: removed)
        }
    }
}
