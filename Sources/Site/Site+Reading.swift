import API
import CivilTime
import JobCatalog
import Operations
import Pages
import Preflight
import Records
import RunEngine
import RunModel
import Scheduling
import StatusServer

/// The pages that only show something.
extension Site {
    /// The newest rows of the last day that are counted: as many as one look may cost.
    private static let tallyMax = 10_000
    private static let day: Duration = .seconds(86_400)

    // MARK: Jobs

    func jobs(_ asked: Asked) async throws(Problem) -> WebAnswer {
        var filter = JobsPage.Filter()
        var query = Query(asked.request)
        filter.text = String((try query.text("text") ?? "").lowercased().prefix(JobsPage.Filter.textMax))
        if let state = try query.text("state"), !state.isEmpty {
            guard let known = JobsPage.Filter.State(rawValue: state) else {
                throw Problem(400, "invalid", "there is no state “\(state.storable(bytesMax: 64))”")
            }
            filter.state = known
        }
        filter.page = try query.number("page", in: 1...100_000, default: 1)
        let (listing, about) = (source.listing(filter, now: asked.now), source.about(now: asked.now))
        let names = listing.jobs.map(\.job.name)
        let lanes = Array(names.prefix(TimeLine.lanesMax))
        var (marks, troubles, tally, unread) = ([RunMark](), [RunMark](), Tally?.none, about.storeProblem)
        var notWell: [RunRecord] = []
        if unread == nil {
            do throws(Problem) {
                (marks, troubles, tally, notWell) = try await reading { (store) throws(StoreError) in
                    let since = asked.now - TimeLine.past
                    return (
                        try await store.marks(of: names, until: asked.now, limit: Strip.length),
                        try await store.marks(
                            of: lanes, ended: [.failed, .timedOut, .unknown, .missed], since: since,
                            limit: TimeLine.marksMax),
                        try await store.tally(since: asked.now - Self.day, limit: Self.tallyMax),
                        try await Self.notWell(in: store, since: asked.now - Self.day)
                    )
                }
            } catch {
                unread = error.detail
            }
        }
        let byJob = Dictionary(grouping: marks, by: \.job)
        let troublesByJob = Dictionary(grouping: troubles, by: \.job)
        let rows = listing.jobs.enumerated().map { index, status in
            let name = status.job.name
            let marks = byJob[name] ?? []
            return JobsPage.Row(
                status: status, marks: marks,
                lane: index >= lanes.count ? nil : lane(status, marks, troublesByJob[name] ?? [], asked.now))
        }
        let report = source.report(now: asked.now)
        var page = JobsPage(
            needs: listing.needs, totals: listing.totals, rows: rows, filter: filter,
            matching: listing.matching,
            tally: tally, audit: asked.mayRead ? source.audit(now: asked.now) : nil,
            pauseOfAll: about.pauseOfAll, troubles: report.serviceSentences, unread: unread)
        // Those that need somebody are at the top already.
        let needs = Set(listing.needs.map(\.job.name))
        page.notWell = entries(notWell.filter { !needs.contains($0.job) }, asked.now)
        return self.page(page.page(frame(asked)), asked)
    }

    /// Of each outcome that is not well so many runs are looked at.
    private static let notWellMax = 30

    private static func notWell(
        in store: any AnyStore, since: Instant
    ) async throws(StoreError) -> [RunRecord] {
        var runs: [RunRecord] = []
        for outcome in [Outcome.failed, .timedOut, .unknown, .missed] {
            runs += try await store.history(HistoryQuery(since: since, outcome: outcome, limit: notWellMax))
        }
        return runs.filter { !$0.isDryRun }.sorted { $0.createdAt > $1.createdAt }
    }

    /// The newest of each job, and whether that was made good.
    private func entries(_ runs: [RunRecord], _ now: Instant) -> NotWell {
        let counts = Dictionary(runs.map { ($0.job, 1) }, uniquingKeysWith: +)
        var seen: Set<JobName> = []
        let newest = runs.filter { seen.insert($0.job).inserted }.prefix(NotWell.entriesMax)
        return NotWell(
            entries: newest.map { run in
                let success = source.job(run.job, now: now)?.lastSuccess?.finishedAt
                let ended = run.finishedAt ?? run.createdAt
                return NotWell.Entry(
                    run: run, count: counts[run.job] ?? 1,
                    succeededAt: success.flatMap { $0 > ended ? $0 : nil })
            })
    }

    private func lane(
        _ status: JobStatus, _ marks: [RunMark], _ troubles: [RunMark], _ now: Instant
    ) -> TimeLine.Lane {
        let schedule = status.job.isEnabled ? status.job.schedule : nil
        return TimeLine.Lane(
            job: status.job.name, marks: marks, troubles: troubles,
            upcoming: schedule?.occurrences(
                after: now, through: now + TimeLine.future, limit: TimeLine.marksMax + 1
            ).map(\.instant) ?? [],
            next: status.next?.instant, isPaused: status.pause != nil)
    }

    func job(_ name: JobName, _ asked: Asked) async throws(Problem) -> WebAnswer {
        var query = Query(asked.request)
        let (history, filter, problem) = try history(&query, of: name, asked)
        guard let status = source.job(name, now: asked.now) else {
            return try await removedJob(name, history, filter, problem, asked)
        }
        let isRefused = problem != nil
        var (marks, runs, definitions, pauses) = (
            [RunMark](), [RunRecord](), [StoredDefinition](), [StoreEvent]()
        )
        var unread = source.about(now: asked.now).storeProblem
        if unread == nil {
            do throws(Problem) {
                (marks, runs, definitions, pauses) = try await reading { (store) throws(StoreError) in
                    (
                        try await store.marks(of: [name], until: asked.now, limit: Strip.length),
                        isRefused ? [] : try await store.history(history),
                        try await store.definitions(of: name),
                        try await store.newestEvents(
                            of: name, [.paused, .resumed], limit: JobPage.definitionsMax)
                    )
                }
            } catch {
                unread = error.detail
            }
        }
        let upcoming =
            status.job.isEnabled
            ? status.job.schedule?.occurrences(
                after: asked.now, through: .latest, limit: JobPage.upcomingLength) ?? [] : []
        let page = JobPage(
            status: status, marks: marks, table: table(runs, filter, problem),
            definitions: Array(definitions.reversed().prefix(JobPage.definitionsMax)), upcoming: upcoming,
            pauses: pauses, unread: unread)
        return self.page(page.page(frame(asked)), asked)
    }

    /// A job that the store knows and the files of this host do not.
    private func removedJob(
        _ name: JobName, _ history: HistoryQuery, _ filter: RunTable.Filter, _ problem: String?,
        _ asked: Asked
    ) async throws(Problem) -> WebAnswer {
        let (summaries, runs, definitions) = try await reading { (store) throws(StoreError) in
            (
                try await store.summaries(of: [name], until: asked.now), try await store.history(history),
                try await store.definitions(of: name)
            )
        }
        guard !summaries.isEmpty else { throw Self.unknown(name) }
        let page = RemovedJobPage(
            job: name, table: table(runs, filter, problem),
            definitions: Array(definitions.reversed().prefix(JobPage.definitionsMax)))
        return self.page(page.page(frame(asked)), asked)
    }

    // MARK: Runs

    func runs(_ asked: Asked) async throws(Problem) -> WebAnswer {
        var query = Query(asked.request)
        let (history, filter, problem) = try history(&query, of: nil, asked)
        let runs =
            problem == nil
            ? try await reading { (store) throws(StoreError) in try await store.history(history) } : []
        return page(RunsPage(table: table(runs, filter, problem)).page(frame(asked)), asked)
    }

    /// What the filters ask for. What is wrong with them is told above the list, with what was written.
    private func history(
        _ query: inout Query, of job: JobName?, _ asked: Asked
    ) throws(Problem) -> (HistoryQuery, RunTable.Filter, String?) {
        var (filter, problem) = (RunTable.Filter(), String?.none)
        // One more tells whether a page follows.
        var history = HistoryQuery(job: job, limit: RunTable.length + 1)
        if job == nil {
            filter.job = try query.text("job") ?? ""
            history.job = JobName(filter.job)
            if !filter.job.isEmpty, history.job == nil {
                problem = "“\(filter.job.storable(bytesMax: 64))” is not the name of a job"
            }
        }
        if let word = try query.text("outcome"), !word.isEmpty {
            filter.outcome = Outcome(rawValue: word)
            if filter.outcome == nil { problem = "“\(word.storable(bytesMax: 64))” is not an outcome" }
            history.outcome = filter.outcome
        }
        filter.since = try query.text("since") ?? ""
        filter.until = try query.text("until") ?? ""
        let session = source.session(caller: "")
        func instant(_ text: String, _ option: String) -> Instant? {
            guard !text.isEmpty else { return nil }
            do throws(CommandError) {
                return try session.instant(text, option: option, in: asked.times.zone)
            } catch {
                problem = error.message + (error.hint.map { "; " + $0 } ?? "")
                return nil
            }
        }
        history.since = instant(filter.since, "Since")
        history.until = instant(filter.until, "Until")
        if let text = try query.text("before") {
            guard let place = HistoryQuery.Place(text, separator: ".") else {
                throw Problem(400, "invalid", "the address has a place in the list that is not one")
            }
            history.before = place
        }
        return (history, filter, problem)
    }

    private func table(_ runs: [RunRecord], _ filter: RunTable.Filter, _ problem: String?) -> RunTable {
        // A rehearsal has no outcome of a run.
        let shown = runs.prefix(RunTable.length).filter { filter.outcome == nil || !$0.isDryRun }
        let older =
            runs.count > shown.count ? shown.last.map { "\($0.createdAt.microseconds).\($0.id)" } : nil
        return RunTable(runs: shown, filter: filter, older: older, problem: problem)
    }

    func run(_ beginning: RunID.Beginning, _ asked: Asked) async throws(Problem) -> WebAnswer {
        let id = try await whole(beginning)
        let (run, attempts) = try await acts.recorded(id)
        let job = source.job(run.job, now: asked.now)
        let place = run.scheduledFor ?? run.dueAt
        let (marks, earlier, later) = try await reading { (store) throws(StoreError) in
            (
                try await store.marks(of: [run.job], until: run.createdAt, limit: Strip.length),
                try await store.lastOccurrence(of: run.job, notAfter: place - .microseconds(1))?.record,
                try await store.occurrences(
                    of: run.job, after: run.scheduledUntil ?? place, through: asked.now, limit: 1
                ).first?.record
            )
        }
        var reasons: Reasons?
        if let due = run.scheduledFor {
            let session = source.session(caller: "")
            // An occurrence whose definition is not kept has a run all the same.
            reasons = try? await session.why(run.job.description, at: due)
        }
        let isSame = job.map { $0.job.configHash == run.configHash } ?? false
        var request: [String]?
        if asked.mayRead, isSame, let job = job?.job {
            request = source.session(caller: "").shownRequest(of: run, job)
        }
        var page = RunPage(
            run: asked.mayRead ? run : run.redacted, attempts: attempts,
            reasons: asked.mayRead ? reasons : reasons?.redacted, request: request,
            isRedefined: job != nil && !isSame, marks: marks, earlier: earlier, later: later,
            next: later == nil ? job?.next?.instant : nil)
        page.isKnown = job != nil
        page.isOurs = run.host == source.host
        return self.page(page.page(frame(asked)), asked)
    }

    /// The identity of the one run that begins so.
    private func whole(_ id: RunID.Beginning) async throws(Problem) -> RunID {
        if id.range.lowerBound == id.range.upperBound { return id.range.lowerBound }
        let found = try await reading { (store) throws(StoreError) in
            try await store.runs(from: id.range.lowerBound, through: id.range.upperBound, limit: 2)
        }
        guard let first = found.first, found.count == 1 else {
            throw found.isEmpty
                ? Problem(404, "unknown", "no run that begins with \(id.text) is recorded")
                : Problem(409, "ambiguous", "several runs begin with \(id.text)", hint: "write more of it")
        }
        return first
    }

    // MARK: The service

    func status(_ asked: Asked) -> WebAnswer {
        let hosts = source.hosts().sorted {
            ($0.isAlive ? 0 : 1, $1.seenAt) < ($1.isAlive ? 0 : 1, $0.seenAt)
        }
        let (found, leftOut) = source.diagnostics(atMost: StatusPage.listMax)
        let page = StatusPage(
            report: asked.mayRead ? source.report(now: asked.now) : source.report(now: asked.now).redacted,
            hosts: Array(hosts.prefix(StatusPage.listMax)),
            hostsLeftOut: max(hosts.count - StatusPage.listMax, 0), diagnostics: found,
            diagnosticsLeftOut: leftOut, facts: source.about(now: asked.now).facts)
        return self.page(page.page(frame(asked)), asked)
    }

    func launch(_ asked: Asked) async throws(Problem) -> WebAnswer {
        let (state, manualSteps) = await source.preflight()
        // The page says why when the steps cannot be read.
        let launch = try? await reading { (store) throws(StoreError) in Launch(try await store.launchSteps())
        }
        var triggers: [LaunchTrigger] = []
        if case .done(let report, _, _) = state, let launch {
            triggers = LaunchTrigger.all(in: report, baseline: launch.baseline)
        }
        let about = source.about(now: asked.now)
        let page = LaunchPage(
            launch: launch, pauseOfAll: about.pauseOfAll, preflight: asked.mayRead ? state : state.redacted,
            triggers: asked.mayRead ? triggers : [], manualSteps: manualSteps,
            mayAct: asked.mayAct)
        return self.page(page.page(frame(asked)), asked)
    }

    func calendar(_ asked: Asked) -> WebAnswer {
        WebAnswer(
            status: 200, contentType: "text/calendar; charset=utf-8",
            bytes: Calendar.document(source.jobs(atMost: Calendar.jobsMax + 1), now: asked.now))
    }

    // MARK: Parts

    /// What the store answers, on the connection of those who read; one that hangs is given up after some seconds.
    private func reading<Value: Sendable>(
        _ ask: @escaping @Sendable (any AnyStore) async throws(StoreError) -> Value
    ) async throws(Problem) -> Value {
        let session = source.session(caller: "")
        return try await Problem.of { () async throws(CommandError) in try await session.query(ask) }
    }
}

extension HealthReport {
    /// The report without who paused what.
    fileprivate var redacted: HealthReport {
        var report = self
        for index in checks.indices {
            let isPaused = checks[index].details.contains { $0.name == "paused" && $0.value == .bool(true) }
            if isPaused || checks[index].measurement == "pause" { report.checks[index].output = "paused" }
        }
        return report
    }

    /// What is wrong beside the jobs and their pauses.
    fileprivate var serviceSentences: [String] {
        checks.filter {
            $0.status != .pass && $0.component != "job" && $0.component != "jobs" && $0.measurement != "pause"
        }.compactMap(\.output)
    }
}
