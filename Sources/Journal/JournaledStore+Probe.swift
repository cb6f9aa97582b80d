import RunModel

/// Whether a store that answers again can be used, and what it must be told again.
extension JournaledStore {
    /// Throws unless the store takes a run of a job. A store may answer, and take an update of nothing, while it has no
    /// space for a row or has lost the right to write one; so a whole run is written, and rolled back.
    func probe() async throws(StoreError) {
        guard let known else { return }
        let now = clock()
        let run = RunRecord(
            id: RunID(random: .random(in: .min ... .max)), job: known.job, trigger: .manual, dueAt: now,
            state: .running, attempts: 1, host: host, configHash: known.configHash, createdAt: now,
            startedAt: now)
        let claim = Claim(run: run, isExclusive: false, ignoresPause: true, lease: lease)
        _ = try await reminding { () throws(StoreError) in try await primary.claim(claim, rehearse: true) }
    }

    /// What the store answers, once it was told again of the jobs when it has forgotten them: its schema was dropped, and
    /// made anew, under a running daemon.
    func reminding<Answer: Sendable>(
        _ ask: () async throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        do throws(StoreError) {
            return try await ask()
        } catch {
            guard error.reason == .unregistered, known != nil else { throw error }
            let jobs = jobs().map { knowledge.withWatermark($0) }
            knowledge.learn(jobs, try await primary.register(jobs, by: host, now: clock()))
            report(.registeredAgain(jobs.count))
            return try await ask()
        }
    }
}
