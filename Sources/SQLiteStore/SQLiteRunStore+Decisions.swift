package import CivilTime
package import RunModel

/// What becomes of occurrences: the methods that write rows.
extension SQLiteRunStore {
    package nonisolated func claim(_ claim: Claim, rehearse: Bool) async throws(StoreError) -> ClaimAnswer {
        // What is rolled back goes alone.
        if rehearse { return try await rehearsal(of: claim) }
        return try await write { store, connection throws(StoreError) in
            try store.answer(to: claim, connection)
        }
    }

    private func rehearsal(of claim: Claim) throws(StoreError) -> ClaimAnswer {
        try transaction(keeps: false) { connection throws(StoreError) in try answer(to: claim, connection) }
    }

    private func answer(to claim: Claim, _ connection: SQLiteConnection) throws(StoreError) -> ClaimAnswer {
        let run = claim.run.storable
        let (fence, watermark, prunedUntil) = try nextFence(of: run.job, connection)
        let lease = now + claim.lease
        if let decided = try decided(run, connection) {
            // The host asks again because the answer was lost: the run is still its own, under a new fence.
            guard decided.isSame(run) else { return .alreadyDecided }
            try take(run, fence: fence, until: lease, connection)
            return .claimed(OwnedRun(id: run.id, fence: fence))
        }
        if isPruned(run, prunedUntil) { return .alreadyDecided }
        if !claim.ignoresPause, let pause = try pause(of: run.job, connection) {
            try skip(run, for: pause, after: watermark, connection)
            return .paused(pause)
        }
        if claim.isExclusive, let live = try liveRun(of: run.job, connection) { return .overlaps(live) }
        try insert(run, isExclusive: claim.isExclusive, fence: fence, lease: lease, connection)
        let owned = OwnedRun(id: run.id, fence: fence)
        if let attempt = claim.attempt { try put(attempt, of: owned, connection) }
        return .claimed(owned)
    }

    @discardableResult
    package nonisolated func record(
        _ decisions: [RunRecord]
    ) async throws(StoreError) -> [RunID: Instant] {
        try await write(rowCount: decisions.count) { store, connection throws(StoreError) in
            try store.insert(decisions, connection)
        }
    }

    /// Writes the rows of what was not decided before, and answers the watermarks of rows that were left out.
    private func insert(
        _ decisions: [RunRecord], _ connection: SQLiteConnection
    ) throws(StoreError) -> [RunID: Instant] {
        var marks: [JobName: (fence: Int64, watermark: Instant, prunedUntil: Instant?)] = [:]
        var leftOut: [RunID: Instant] = [:]
        for decision in decisions {
            let run = decision.storable
            let mark =
                if let known = marks[run.job] { known } else { try nextFence(of: run.job, connection) }
            marks[run.job] = mark
            if let first = run.scheduledFor, let last = run.scheduledUntil, first <= mark.watermark {
                if last > mark.watermark { leftOut[run.id] = mark.watermark }
                continue
            }
            if isPruned(run, mark.prunedUntil) { continue }
            if try decided(run, connection) != nil { continue }
            try insert(run, connection)
        }
        return leftOut
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

    private func nextFence(
        of job: JobName, _ connection: SQLiteConnection
    ) throws(StoreError) -> (fence: Int64, watermark: Instant, prunedUntil: Instant?) {
        guard let values = try connection.rows(Statements.fence, [.text(job.description)]).first else {
            throw StoreError(
                .unregistered, "the job \(job) is not registered in the store", hint: "almanac reload")
        }
        var row = RowReader(columns: ["fence", "last_scheduled_for", "pruned_until"], values: values)
        return (try row.integer() + 1, try row.instant(), try row.optionalInstant())
    }

    /// Whether the occurrence was decided, and its row is gone since.
    private func isPruned(_ run: RunRecord, _ prunedUntil: Instant?) -> Bool {
        guard !run.isDryRun, let scheduledFor = run.scheduledFor, let prunedUntil else { return false }
        return scheduledFor <= prunedUntil
    }

    /// Records the occurrence as skipped for a pause, in the row of the occurrence before it when the pause decided
    /// that as well.
    private func skip(
        _ run: RunRecord, for pause: Pause, after watermark: Instant, _ connection: SQLiteConnection
    ) throws(StoreError) {
        guard let scheduledFor = run.scheduledFor else { return }
        let rows = try connection.rows(
            Statements.paused,
            [
                .text(run.job.description), .instant(watermark), .text(pause.detail), .text(run.configHash),
            ])
        guard scheduledFor > watermark, let values = rows.first else {
            try insert(run.skipped(for: pause), connection)
            return
        }
        var row = RowReader(columns: ["run_id", "occurrences"], values: values)
        let id = try row.runID()
        let count = Int(try row.integer()) + 1
        try connection.change(
            Statements.share,
            [
                .text(id.description), .instant(scheduledFor), ColumnValue(count), .instant(run.createdAt),
                .text(RunRecord.sharedDetail(count, pause.detail)),
            ])
        try connection.change(Statements.mark, [.text(run.job.description), .null, .instant(scheduledFor)])
    }

    private func take(
        _ run: RunRecord, fence: Int64, until lease: Instant, _ connection: SQLiteConnection
    ) throws(StoreError) {
        try connection.change(Statements.mark, [.text(run.job.description), .integer(fence), .null])
        try connection.change(
            Statements.lease,
            [
                .text(run.id.description), .text(run.host.description), .integer(fence), .instant(lease),
                ColumnValue(run.detail),
            ])
    }

    /// Who decided the run, or its occurrence, before; a dry run decides no occurrence.
    private func decided(
        _ run: RunRecord, _ connection: SQLiteConnection
    ) throws(StoreError) -> Decided? {
        let occurrence = run.isDryRun ? ColumnValue.null : ColumnValue(run.scheduledFor)
        let rows = try connection.rows(
            Statements.decided, [.text(run.id.description), .text(run.job.description), occurrence])
        guard let values = rows.first else { return nil }
        var row = RowReader(
            columns: ["run_id", "host", "state", "attempts", "created_at", "detail"], values: values)
        return Decided(
            id: try row.runID(), host: HostID(try row.text()), state: try row.choice(RunState.self),
            attempts: Int(try row.integer()), createdAt: try row.instant(), detail: try row.optionalText())
    }

    /// What a row says of who decided it.
    private struct Decided {
        var id: RunID
        var host: HostID
        var state: RunState
        var attempts: Int
        var createdAt: Instant
        var detail: String?

        /// Whether the same host asks for the same row again, since the answer was lost.
        func isSame(_ run: RunRecord) -> Bool {
            (id, host, state, attempts, createdAt, detail)
                == (run.id, run.host, run.state, run.attempts, run.createdAt, run.detail)
        }
    }

    private func liveRun(of job: JobName, _ connection: SQLiteConnection) throws(StoreError) -> RunID? {
        try RunID.reading(connection.rows(Statements.live, [.text(job.description)])).first
    }

    /// Writes the row and moves the watermark over its occurrences; with a fence, the job has that from now on.
    private func insert(
        _ run: RunRecord, isExclusive: Bool = false, fence: Int64? = nil, lease: Instant? = nil,
        _ connection: SQLiteConnection
    ) throws(StoreError) {
        try connection.change(
            Statements.insertRun,
            run.columnValues + [.boolean(isExclusive), .integer(fence ?? 0), ColumnValue(lease)])
        let decided = run.isDryRun ? nil : run.scheduledUntil ?? run.scheduledFor
        guard fence != nil || decided != nil else { return }
        try connection.change(
            Statements.mark,
            [.text(run.job.description), fence.map { .integer($0) } ?? .null, ColumnValue(decided)])
    }
}
