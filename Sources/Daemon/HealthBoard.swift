import CivilTime
import JobCatalog
package import RunEngine
import RunModel
import Synchronization

/// What the daemon shows of itself: written by its loop, read by whoever asks.
package final class HealthBoard: Sendable {
    private struct State {
        var facts: HealthFacts
        /// The jobs whose next occurrence to be decided may be another one than the store was told.
        var moved: Set<JobName> = []
        /// The jobs whose last run did not end well.
        var unwell: Set<JobName> = []

        mutating func judge(_ job: JobName) {
            switch facts.summaries[job]?.lastRun?.outcome {
            case .failed, .timedOut, .unknown, .skipped, .missed: unwell.insert(job)
            case .succeeded, .declined, nil: unwell.remove(job)
            }
        }
    }

    private let state: Mutex<State>

    /// A board that shows a daemon that is starting.
    package init(_ facts: HealthFacts) {
        state = Mutex(State(facts: facts))
    }

    /// Changes what is shown.
    package func update(_ change: (inout HealthFacts) -> Void) {
        state.withLock { change(&$0.facts) }
    }

    /// What is shown, whole.
    package var facts: HealthFacts {
        state.withLock { $0.facts }
    }

    /// A part of what is shown; others wait meanwhile.
    func read<Answer>(_ body: (HealthFacts) -> Answer) -> Answer {
        state.withLock { body($0.facts) }
    }

    /// Shows a catalog that has come into force, and how far its jobs have come.
    func show(_ catalog: Catalog, _ jobs: some Sequence<(job: Job, state: JobState)>) {
        state.withLock { state in
            let before = state.facts.catalog
            state.facts.catalog = catalog
            var countsFrom: [(JobName, Instant)] = []
            var unseen: [(JobName, JobSummary)] = []
            for (job, progress) in jobs {
                if let since = progress.countsFrom { countsFrom.append((job.name, since)) }
                if state.facts.summaries[job.name] == nil {
                    unseen.append((job.name, JobSummary(job: job.name, watermark: progress.considered)))
                } else if before[job.name] == job {
                    continue
                }
                state.moved.insert(job.name)
            }
            state.facts.summaries.merge(unseen)
            state.facts.countsFrom = JobTable(countsFrom)
        }
    }

    /// Shows a row that was recorded.
    func learn(_ row: RunRecord) {
        state.withLock { state in
            guard !row.isDryRun else { return }
            state.facts.summaries[row.job]?.learn(row)
            state.judge(row.job)
            if row.scheduledFor != nil { state.moved.insert(row.job) }
        }
    }

    /// Shows what the store knows of some jobs, or of `all`.
    func learn(_ summaries: [JobSummary], all: Bool) {
        state.withLock { state in
            for summary in summaries
            where state.facts.summaries[summary.job]?.watermark != summary.watermark {
                state.moved.insert(summary.job)
            }
            if all { state.facts.summaries = JobTable() }
            state.facts.learn(summaries)
            for summary in summaries { state.judge(summary.job) }
        }
    }

    /// What is wrong at `now`, in a few words each, the worst first; costs by what is wrong, not by the number of jobs.
    func troubles(at now: Instant) -> [String] {
        state.withLock { state in
            let facts = state.facts
            var troubles: [String] = []
            if let problem = facts.store.status(at: now).problem { troubles.append("store: \(problem)") }
            let names = state.unwell.union(facts.refusals.keys)
            if names.count > Self.judgedMax { troubles.append("\(names.count) jobs did not end well") }
            let statuses = (names.count > Self.judgedMax ? [] : names.sorted()).compactMap { name in
                facts.catalog[name].map { job in
                    JobStatus(
                        job: job, summary: facts.summaries[name], pauses: facts.pauses,
                        countsFrom: facts.countsFrom[name], refusedAt: facts.refusals[name], now: now)
                }
            }
            func add(_ what: String, _ isMeant: (JobStatus) -> Bool) {
                let names = statuses.filter { $0.pause == nil && isMeant($0) }.map(\.job.name)
                guard let first = names.first else { return }
                troubles.append("\(what): \(first)" + (names.count > 1 ? " and \(names.count - 1) more" : ""))
            }
            func isRefused(_ status: JobStatus) -> Bool {
                facts.refusals[status.job.name] != nil || status.lastRun?.reason == .token
            }
            add("token refused", isRefused)
            add("overdue") { !isRefused($0) && $0.overdueSince != nil }
            add("failing") { status in
                !isRefused(status) && status.overdueSince == nil && status.level != .pass
            }
            let pauses = facts.pauses.filter { $0.isInForce(at: now) }
            if pauses.contains(where: { $0.scope == .all }) {
                troubles.append("all jobs are paused")
            } else if !pauses.isEmpty {
                troubles.append("\(pauses.count) \(pauses.count == 1 ? "job is" : "jobs are") paused")
            }
            if let problem = facts.reloadProblem { troubles.append(problem) }
            return troubles
        }
    }

    /// Jobs that are looked at one by one, each time the loop turns.
    private static let judgedMax = 100

    /// What the daemon says of itself at `now`, with the jobs that have moved since the last time.
    func heartbeat(at now: Instant, isStopping: Bool) -> Heartbeat {
        let (facts, moved) = state.withLock { state in
            defer { state.moved = [] }
            return (state.facts, state.moved)
        }
        // At the start all jobs have moved: whoever asks for health meanwhile does not wait for it.
        return facts.heartbeat(at: now, isStopping: isStopping, moved: moved.sorted())
    }

    /// What was said has not reached the store: it is said again the next time.
    func repeatHeartbeat(of jobs: some Sequence<JobName>) {
        state.withLock { $0.moved.formUnion(jobs) }
    }
}
