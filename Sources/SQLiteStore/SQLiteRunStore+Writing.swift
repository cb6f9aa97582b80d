import CivilTime
package import Records
import RunModel

/// What becomes of occurrences: the methods that write rows.
extension SQLiteRunStore {
    package nonisolated func perform(_ write: StoreWrite) async throws(StoreError) -> StoreAnswer {
        switch write {
        case .register(let jobs, let host, let now):
            return .registered(try await makeKnown(jobs, by: host, now: now))
        case .note(let events):
            try await keep(events)
            return .noted
        case .record(let rows): return try await answer(to: write, rowCount: rows.count)
        case .claim, .startAttempt, .awaitRetry, .finish: return try await answer(to: write, rowCount: 1)
        }
    }

    /// What is rolled back goes alone.
    package func rehearse(_ claim: Claim) throws(StoreError) -> ClaimAnswer {
        try transaction(keeps: false) { connection throws(StoreError) in try answer(to: claim, connection) }
    }

    private nonisolated func answer(
        to write: StoreWrite, rowCount: Int
    ) async throws(StoreError) -> StoreAnswer {
        try await self.write(rowCount: rowCount) { store, connection throws(StoreError) in
            switch write {
            case .claim(let claim): .claim(try store.answer(to: claim, connection))
            case .startAttempt(let owned, let number, let at):
                .owner(try store.startAttempt(owned, number: number, at: at, connection))
            case .awaitRetry(let owned, let attempt, let retryAt):
                .owner(try store.awaitRetry(owned, attempt, retryAt: retryAt, connection))
            case .finish(let owned, let completion): .owner(try store.finish(owned, completion, connection))
            case .record(let rows): .recorded(try store.insert(rows, connection))
            case .register, .note: preconditionFailure("\(write.summary) has a transaction of its own")
            }
        }
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

    func nextFence(
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

    func take(
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

/// What an owner writes about its runs: each a compare-and-set on identity, fence and a state that is not finished.
extension SQLiteRunStore {
    private func startAttempt(
        _ owned: OwnedRun, number: Int, at: Instant, _ connection: SQLiteConnection
    ) throws(StoreError) -> Bool {
        let changed = try connection.change(
            Statements.startAttempt, owned.key + [.integer(Int64(number)), .instant(at)])
        guard changed == 1 else { return false }
        try put(AttemptRecord(number: number, startedAt: at), of: owned, connection)
        return true
    }

    private func awaitRetry(
        _ owned: OwnedRun, _ attempt: AttemptRecord, retryAt: Instant, _ connection: SQLiteConnection
    ) throws(StoreError) -> Bool {
        let changed = try connection.change(
            Statements.awaitRetry, owned.key + [.instant(retryAt), ColumnValue(attempt.httpStatus)])
        guard changed == 1 else { return false }
        try put(attempt.storable, of: owned, connection)
        return true
    }

    private func finish(
        _ owned: OwnedRun, _ completion: Completion, _ connection: SQLiteConnection
    ) throws(StoreError) -> Bool {
        let end = completion.storable
        let changed = try connection.change(
            Statements.finish, owned.key + end.columnValues + [ColumnValue(end.attempt?.number)])
        guard changed == 1 else {
            let values: [ColumnValue] = [
                .text(owned.id.description), .instant(end.finishedAt), .text(end.outcome.rawValue),
                ColumnValue(end.host?.description),
            ]
            return try !connection.rows(Statements.isFinishedSo, values).isEmpty
        }
        if let attempt = end.attempt { try put(attempt, of: owned, connection) }
        return true
    }

    /// Writes an attempt, also one that is there already.
    private func put(
        _ attempt: AttemptRecord, of owned: OwnedRun, _ connection: SQLiteConnection
    ) throws(StoreError) {
        try connection.change(Statements.putAttempt, [.text(owned.id.description)] + attempt.columnValues)
    }
}
