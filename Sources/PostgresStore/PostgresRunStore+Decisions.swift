package import CivilTime
package import RunModel

/// What becomes of occurrences: the methods that write rows.
extension PostgresRunStore {
    package func claim(_ claim: Claim, rehearse: Bool) throws(StoreError) -> ClaimAnswer {
        let run = claim.run.storable
        let given = JSONText.array(
            columns: RunRecord.columns + ["exclusive"],
            rows: [run.columnValues + [.boolean(claim.isExclusive)]])
        let answers = try transaction(
            Statement(sql: Statements.lockJobs, parameters: [given]),
            Statement(
                sql: Statements.claim,
                parameters: [
                    given, microseconds(claim.lease), claim.ignoresPause ? "{\(run.id)}" : "{}",
                ]), keeps: !rehearse)
        guard let values = answers[1].first else {
            throw StoreError(
                .defect, "the job \(run.job) is not registered in the store", hint: "register it first")
        }
        var row = RowReader(
            columns: ["run_id", "fence", "live", "is_decided"] + Pause.columns, values: values)
        let id = try row.runID()
        if let fence = try row.optionalInteger() { return .claimed(OwnedRun(id: id, fence: fence)) }
        let live = try row.optionalText()
        if try row.boolean() { return .alreadyDecided }
        if let pause = try Pause(readingOptional: &row) { return .paused(pause) }
        return live.flatMap { RunID($0) }.map { .overlaps($0) } ?? .alreadyDecided
    }

    @discardableResult
    package func record(_ decisions: [RunRecord]) throws(StoreError) -> [RunID: Instant] {
        let given = JSONText.array(columns: RunRecord.columns, rows: decisions.map(\.storable.columnValues))
        let answers = try transaction(
            Statement(sql: Statements.lockJobs, parameters: [given]),
            Statement(sql: Statements.record, parameters: [given]))
        var leftOut: [RunID: Instant] = [:]
        for values in answers[1] {
            var row = RowReader(columns: ["run_id", "last_scheduled_for"], values: values)
            leftOut[try row.runID()] = try row.instant()
        }
        return leftOut
    }

    package func takeOver(
        host: HostID, hostRestarted: Bool, lease: Duration, limit: Int
    ) throws(StoreError) -> [AbandonedRun] {
        precondition(limit >= 1, "a limit of \(limit) takes over nothing")
        let parameters = [host.description, String(hostRestarted)]
        let answers = try transaction(
            Statement(sql: Statements.lockAbandonedJobs, parameters: parameters),
            Statement(
                sql: Statements.takeOver, parameters: parameters + [String(limit), microseconds(lease)]))
        var abandoned: [AbandonedRun] = []
        for values in answers[1] {
            var row = RowReader(columns: RunRecord.columns + ["fence", "is_attempt_open"], values: values)
            let record = try RunRecord(reading: &row)
            let owned = OwnedRun(id: record.id, fence: try row.integer())
            abandoned.append(
                AbandonedRun(record: record, owned: owned, requestMayHaveBeenSent: try row.boolean()))
        }
        return abandoned
    }

    func microseconds(_ duration: Duration) -> String {
        String(duration.wholeMicroseconds)
    }
}
