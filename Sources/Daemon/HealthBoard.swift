import CivilTime
import Exposition
import Host
import JobCatalog
import Journal
import Pages
import Records
package import RunEngine
import RunModel
import StatusServer
import Synchronization

/// What the daemon shows of itself: written by its loop, read by whoever asks.
package final class HealthBoard: Sendable {
    private struct State {
        var facts: HealthFacts
        /// Of the jobs of the catalog.
        var levels: JobLevels
        /// The jobs whose next occurrence to be decided may be another one than the store was told.
        var moved: Set<JobName> = []

        init(_ facts: HealthFacts) {
            self.facts = facts
            levels = JobLevels(count: facts.catalog.jobs.count)
        }

        /// Something about a job has changed.
        mutating func mark(_ job: JobName) {
            if let index = facts.catalog.index(of: job) { levels.mark(index) }
        }

        /// Judges at most so many jobs; whether all are judged then.
        mutating func settle(at now: Instant, atMost limit: Int) -> Bool {
            levels.settle(at: now, atMost: limit) { [facts] in
                facts.status(of: facts.catalog.jobs[$0], at: now)
            }
        }
    }

    private let state: Mutex<State>
    private let counters = Mutex(Counters())
    /// How many jobs have series of their own.
    private let metricsJobsMax: Int
    /// Something that changed all jobs.
    private let (sweeps, sweep) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// A board that shows a daemon that is starting, and has series for at most so many jobs.
    package init(_ facts: HealthFacts, metricsJobsMax: Int = Metrics.jobsDefault) {
        state = Mutex(State(facts))
        self.metricsJobsMax = metricsJobsMax
        countJobs(of: facts.catalog)
    }

    /// Counts what happens.
    func count(_ change: (inout Counters) -> Void) {
        counters.withLock { change(&$0) }
    }

    private func countJobs(of catalog: Catalog) {
        count { $0.count(catalog.jobs.prefix(metricsJobsMax).map(\.name)) }
    }

    /// Changes what is shown, but nothing of a job or a pause.
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
            state.levels = JobLevels(count: catalog.jobs.count)
        }
        sweep.yield()
        countJobs(of: catalog)
    }

    /// Shows which pauses are in force.
    func learn(_ pauses: [Pause]) {
        state.withLock { state in
            let before = state.facts.pauses
            for pause in pauses.filter({ !before.contains($0) }) + before.filter({ !pauses.contains($0) }) {
                switch pause.scope {
                case .all: state.levels.markAll()
                case .job(let job): state.mark(job)
                }
            }
            state.facts.pauses = pauses
        }
        sweep.yield()
    }

    /// Shows that the API refused the token of a job's last request, or, with nil, that it took it.
    func refused(_ job: JobName, at: Instant?) {
        state.withLock { state in
            guard state.facts.refusals[job] != nil || at != nil else { return }
            state.facts.refusals[job] = at
            state.mark(job)
        }
    }

    /// Shows a row that was recorded.
    func learn(_ row: RunRecord) {
        state.withLock { state in
            guard !row.isDryRun else { return }
            state.facts.summaries[row.job]?.learn(row)
            state.mark(row.job)
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
            if all {
                state.facts.summaries = JobTable()
                state.levels.markAll()
            }
            state.facts.learn(summaries)
            if !all { for summary in summaries { state.mark(summary.job) } }
        }
        if all { sweep.yield() }
    }

    /// Judges all jobs when all may have changed, a few at a time, so that whoever asks next does not wait for it.
    func keepSettled() async {
        for await _ in sweeps {
            while !settle(at: Clocks.now()) { await Task.yield() }
        }
    }

    /// Judges some of the jobs that have changed; whether none is left.
    private func settle(at now: Instant) -> Bool {
        state.withLock { $0.settle(at: now, atMost: Self.judgedMax) }
    }

    /// How the daemon does at `now`, with what waits in the `journal`; what is wrong is listed, or the jobs after `page`.
    func report(_ journal: JournalStatus?, page: HealthPage, at now: Instant) -> HealthReport {
        // Whoever else waits for the board does not wait for all jobs of a long list.
        while !settle(at: now) {}
        return state.withLock { state in
            state.facts.journal = journal
            switch page {
            case .wrong: return HealthAssessment.report(state.facts, state.levels, now: now)
            case .all(let name):
                var (report, next) = HealthAssessment.report(state.facts, state.levels, after: name, now: now)
                report.next = next.map { "/health?verbose&after=\($0)" }
                return report
            }
        }
    }

    /// The jobs whose names follow `name`, at most `limit`, only those at `level` if it is said; whether more follow.
    func jobs(
        after name: JobName?, atMost limit: Int, at level: HealthStatus?, now: Instant
    ) -> (jobs: [JobStatus], hasMore: Bool) {
        while !settle(at: now) {}
        return state.withLock { state in
            let catalog = state.facts.catalog
            var indices = catalog.indices(after: name, atMost: level == nil ? limit + 1 : catalog.jobs.count)
            if let level { indices.removeAll { state.levels.level(of: $0) != level } }
            let jobs = indices.prefix(limit).map { state.facts.status(of: catalog.jobs[$0], at: now) }
            return (jobs, indices.count > limit)
        }
    }

    /// The jobs of some groups that are wanted, of which `page` is looked at: those that do not do well first.
    func listing(
        _ groups: Set<JobLevels.Group>, page: Range<Int>, now: Instant, where isWanted: (JobName) -> Bool
    ) -> (jobs: [JobStatus], matching: Int, worst: [JobStatus], levels: JobLevels) {
        while !settle(at: now) {}
        // Whoever else waits for the board does not wait for a walk over all jobs.
        let (facts, levels) = state.withLock { ($0.facts, $0.levels) }
        let found = levels.ordered(groups) { isWanted(facts.catalog.jobs[$0].name) }
        func status(_ index: Int) -> JobStatus { facts.status(of: facts.catalog.jobs[index], at: now) }
        var worst = levels.wrong(JobsPage.needsMax).filter { levels.group(of: $0) != .paused }.map(status)
        // A pause of all hides what needed somebody before it.
        if worst.isEmpty, facts.pauses.contains(where: { $0.scope == .all && $0.isInForce(at: now) }) {
            worst = Array(
                levels.wrong(Self.pausedLookedAt).lazy.map(status).filter { $0.beforePause != nil }
                    .prefix(JobsPage.needsMax))
        }
        return (found[page.clamped(to: found.indices)].map(status), found.count, worst, levels)
    }

    /// Of jobs that are paused together so many are looked at for what was wrong before.
    private static let pausedLookedAt = 1000

    /// A job of the catalog in force; nil when there is none.
    func job(_ name: JobName, now: Instant) -> JobStatus? {
        read { facts in facts.catalog[name].map { facts.status(of: $0, at: now) } }
    }

    /// What Prometheus reads at `now`.
    func metrics(_ journal: JournalStatus?, at now: Instant) -> [UInt8] {
        let health = report(journal, page: .wrong, at: now).status
        let (facts, others) = state.withLock { state in
            let facts = state.facts
            let others = state.levels.wrong(Self.othersMax, after: metricsJobsMax)
            return (facts, others.map { facts.status(of: facts.catalog.jobs[$0], at: now) })
        }
        return Metrics.text(
            facts, health, counters.withLock { $0 }, .ofThisProcess(), jobsMax: metricsJobsMax,
            others: others, now: now)
    }

    /// Of the jobs without series, how many of those that are wrong are looked at.
    private static let othersMax = 1000

    /// What is wrong at `now`, in a few words each, the worst first; costs by what is wrong, not by the number of jobs.
    func troubles(at now: Instant) -> [String] {
        state.withLock { state in
            _ = state.settle(at: now, atMost: Self.judgedMax)
            let facts = state.facts
            var troubles: [String] = []
            if let problem = facts.store.status(at: now).problem { troubles.append("store: \(problem)") }
            let wrong = state.levels.failingCount + state.levels.warningCount - state.levels.pausedCount
            if wrong > Self.judgedMax { troubles.append("\(wrong) jobs did not end well") }
            let statuses = (wrong > Self.judgedMax ? [] : state.levels.wrong(wrong)).sorted().map {
                facts.status(of: facts.catalog.jobs[$0], at: now)
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

    /// How many jobs are looked at while others wait.
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

extension Metrics.Process {
    fileprivate static func ofThisProcess() -> Metrics.Process {
        let usage = ProcessUsage.now()
        return Metrics.Process(
            residentMemory: usage.residentMemory, processorTime: usage.processorTime,
            openFiles: usage.openFiles,
            openFilesMax: usage.openFilesMax)
    }
}
