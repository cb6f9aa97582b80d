import CivilTime
package import Records
package import RunModel

/// Whose runs are whose: leases and what becomes of runs whose owner is gone.
extension PostgresRunStore {
    package func renew(_ owned: [OwnedRun], lease: Duration) throws(StoreError) -> [RunID] {
        let given = JSONText.array(
            columns: ["run_id", "fence"],
            rows: owned.map { [.text($0.id.description), .integer($0.fence)] })
        let answers = try transaction(
            Statement(sql: Statements.renew, parameters: [given, microseconds(lease)]))
        let kept = Set(try RunID.reading(answers[0]))
        return owned.map(\.id).filter { !kept.contains($0) }
    }

    package func takeOver(
        host: HostID, hostRestarted: Bool, except held: [RunID], lease: Duration, limit: Int
    ) throws(StoreError) -> [AbandonedRun] {
        precondition(limit >= 1, "a limit of \(limit) takes over nothing")
        let parameters = [
            host.description, String(hostRestarted), String(limit), microseconds(lease),
            "{" + held.map(\.description).joined(separator: ",") + "}",
        ]
        let rows: [[ColumnValue]]
        do throws(StoreError) {
            rows = try transaction(Statement(sql: Statements.takeOver, parameters: parameters))[0]
        } catch  where error.reason == .busy {
            // Whoever holds one job's row for long keeps back no other job.
            rows = try transaction(
                Statement(sql: Statements.takeOverOfFreeJobs, parameters: parameters))[0]
        }
        var abandoned: [AbandonedRun] = []
        for values in rows {
            var row = RowReader(
                columns: RunRecord.columns + ["fence", "is_attempt_open", "last_attempt_ended_at"],
                values: values)
            let record = try RunRecord(reading: &row)
            let owned = OwnedRun(id: record.id, fence: try row.integer())
            abandoned.append(
                AbandonedRun(
                    record: record, owned: owned, requestMayHaveBeenSent: try row.boolean(),
                    lastAttemptEndedAt: try row.optionalInstant()))
        }
        return abandoned
    }

    func microseconds(_ duration: Duration) -> String {
        String(duration.wholeMicroseconds)
    }
}
