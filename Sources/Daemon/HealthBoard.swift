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
        }
    }

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
