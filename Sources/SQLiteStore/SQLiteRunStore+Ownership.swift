import CivilTime
package import Records
package import RunModel

/// Who decides about runs: leases, and runs whose host is gone.
extension SQLiteRunStore {
    package func renew(_ owned: [OwnedRun], lease: Duration) throws(StoreError) -> [RunID] {
        try transaction { connection throws(StoreError) in
            let until = now + lease
            var lost: [RunID] = []
            for run in owned
            where try connection.change(Statements.renew, run.key + [.instant(until)]) == 0 {
                lost.append(run.id)
            }
            return lost
        }
    }

    package func takeOver(
        host: HostID, hostRestarted: Bool, except held: [RunID], lease: Duration, limit: Int
    ) throws(StoreError) -> [AbandonedRun] {
        precondition(limit >= 1, "a limit of \(limit) takes over nothing")
        return try transaction { connection throws(StoreError) in
            let now = now
            let rows = try connection.rows(
                Statements.abandoned,
                [
                    .instant(now), .boolean(hostRestarted), .text(host.description),
                    .text(JSONValue.array(held.map { .string($0.description) }).description),
                    .integer(Int64(limit)),
                ])
            var abandoned: [AbandonedRun] = []
            for values in rows {
                var row = RowReader(
                    columns: RunRecord.columns + ["is_attempt_open", "last_attempt_ended_at"], values: values)
                let record = try RunRecord(reading: &row).takenOver(by: host)
                let fence = try nextFence(of: record.job, connection).fence
                try take(record, fence: fence, until: now + lease, connection)
                abandoned.append(
                    AbandonedRun(
                        record: record, owned: OwnedRun(id: record.id, fence: fence),
                        requestMayHaveBeenSent: try row.boolean(),
                        lastAttemptEndedAt: try row.optionalInstant()))
            }
            return abandoned
        }
    }
}

extension OwnedRun {
    /// What each write of an owner compares.
    var key: [ColumnValue] { [.text(id.description), .integer(fence)] }
}
