import CivilTime
import JobCatalog
import Preflight
import Records
import RunEngine
import RunModel
import ScheduleFiles
import Scheduling

/// The checks of what Almanac knows of itself.
struct AlmanacChecks: Sendable {
    let session: Session
    let values: PreflightValues
    /// The records, or why they cannot be asked.
    let records: Result<OpenedStore, CommandError>
    let catalog: Catalog
    let now: Instant
    /// Whether a job that is only paused is as it is to be: before a cutover it is.
    let allowsPaused: Bool

    func result(of question: Check.AlmanacQuestion) async throws(ReferencingText.Missing) -> CheckResult {
        do throws(CommandError) {
            switch question {
            case .schema: return try await schema()
            case .job(let name, let expect):
                let expected = try? expect.map { text throws(ReferencingText.Missing) in
                    try values.filled(text)
                }
                return try await job(name, expected: expected ?? nil)
            case .templates(let paths):
                return try templates(paths.map { (try? values.filled($0)) ?? $0.literal })
            case .dryRun(let name): return try await dryRun(name)
            case .token: return try await token()
            case .clock: return try await clock()
            case .metrics(let within): return try await metrics(within: within)
            }
        } catch {
            return CheckResult(.fail, error.message, hint: error.hint ?? "see `almanac health`")
        }
    }

    private func store() throws(CommandError) -> any AnyStore { try records.get().store }

    private func known(_ name: String) throws(CommandError) -> Job {
        guard let jobName = JobName(name), let job = catalog[jobName] else {
            throw CommandError(
                .badInput, "no job is called “\(name)”",
                hint: "is its file in ALMANAC_SCHEDULES? `almanac check` reads it")
        }
        return job
    }

    private func schema() async throws(CommandError) -> CheckResult {
        let opened = try records.get()
        let statuses = try await session.ask { () throws(StoreError) in
            try await opened.store.auditMigrations()
        }
        return CheckResult(
            .pass, "\(opened.place), \(EnglishList.count(statuses.count, "check")) of its schema passed")
    }

    private func job(_ name: String, expected: String?) async throws(CommandError) -> CheckResult {
        let job = try known(name)
        let schedule = job.schedule.map { "\($0.description) \($0.zone.name)" } ?? "by hand"
        if let expected, schedule != expected {
            return CheckResult(
                .fail, "it is due “\(schedule)”, not “\(expected)”", hint: "correct \(job.source.file)")
        }
        guard job.isEnabled else {
            return CheckResult(.fail, "it is disabled", hint: "remove enabled=no from \(job.source.file)")
        }
        let store = try store()
        let pauses = try await session.ask { () throws(StoreError) in try await store.pauses() }
        let pause = pauses.first { $0.scope == .all || $0.scope == .job(job.name) }
        if let pause, !allowsPaused {
            return CheckResult(.fail, pause.detail, hint: "almanac resume \(pause.scope.argument)")
        }
        let summary = try await session.ask { () throws(StoreError) in
            try await store.summaries(of: [job.name], until: now).first
        }
        let status = JobStatus(job: job, summary: summary, now: now)
        guard let next = status.next else {
            return CheckResult(.fail, "it is never due", hint: "correct its schedule in \(job.source.file)")
        }
        return CheckResult(.pass, "\(job.schedule?.words ?? "by hand"), next \(next.instant)")
    }

    // MARK: Templates

    /// How many occurrences must be the same.
    private static let occurrencesCompared = 20

    private func templates(_ paths: [String]) throws(CommandError) -> CheckResult {
        var names: [String] = []
        for path in paths {
            let tasks = try session.inspect(path, zone: nil)
            if let error = tasks.diagnostics.first(where: { $0.severity == .error }) {
                return CheckResult(
                    .fail, "\(path): \(error.message)", hint: error.hint ?? "almanac windows inspect \(path)")
            }
            guard let task = tasks.jobs.first else {
                return CheckResult(
                    .fail, "\(path) holds no task", hint: "render it again: almanac windows render")
            }
            // Values from the token's file or from the machine's variables do not count as placeholders left in the template.
            let open = task.request.references.filter(ValueName.shown.contains)
            if let name = open.first {
                return CheckResult(
                    .fail, "\(path): \(name) is still a placeholder", hint: "render it with \(name) set")
            }
            let job = try known(task.name.description)
            if let difference = difference(task, job) {
                return CheckResult(
                    .fail, "\(path): \(difference)",
                    hint: "render it again: almanac windows render --output DIR \(job.name)")
            }
            names.append(job.name.description)
        }
        return CheckResult(.pass, "\(EnglishList.join(names)) mean the same on Windows")
    }

    /// What a task does otherwise than the job; nil when nothing.
    private func difference(_ task: Job, _ job: Job) -> String? {
        let (theirs, ours) = (request(of: task), request(of: job))
        guard let theirs, let ours else {
            return theirs == nil ? "its request cannot be made" : "the job's request cannot be made"
        }
        if theirs.method != ours.method || theirs.url != ours.url {
            return "it sends \(theirs.method) \(theirs.url), and the job \(ours.method) \(ours.url)"
        }
        for header in ours.headers
        where !theirs.headers.contains(where: {
            $0.name.lowercased() == header.name.lowercased() && $0.value == header.value
        }) {
            return "its header \(header.name) is not the job's"
        }
        if theirs.body ?? [] != ours.body ?? [] { return "its body is not the job's" }
        func due(_ job: Job) -> [Instant] {
            job.schedule?.occurrences(after: now, through: .latest, limit: Self.occurrencesCompared).map(
                \.instant) ?? []
        }
        let (theirDue, ourDue) = (due(task), due(job))
        if theirDue != ourDue {
            let first = zip(theirDue, ourDue).first { $0 != $1 }
            return
                "it is due \(first.map { "at \($0.0)" } ?? "otherwise"), and the job \(first.map { "at \($0.1)" } ?? "not")"
        }
        return nil
    }

    private func request(of job: Job) -> HTTPRequest? {
        let id = RunID(job: job.name, key: "preflight")
        return try? RequestBuilder.request(
            for: job, run: id, scheduledFor: nil, attempt: 1, userAgent: Program.userAgent,
            rules: session.configuration.valueRules, value: values.service)
    }

    // MARK: Runs

    private func dryRun(_ name: String) async throws(CommandError) -> CheckResult {
        let job = try known(name)
        let rehearsal: Rehearsal
        do {
            rehearsal = try await session.rehearse(job, ignoresPause: true, records: false)
        } catch {
            throw error as? CommandError ?? CommandError(.software, "\(error)")
        }
        if let failed = rehearsal.checks.first(where: { !$0.isPassed }) {
            return CheckResult(
                .fail, "\(failed.name): \(failed.detail)", hint: "almanac run-now \(name) --dry-run")
        }
        return CheckResult(
            .pass,
            "\(rehearsal.request.first ?? ""), \(EnglishList.count(rehearsal.checks.count, "check")) passed")
    }

    private func token() async throws(CommandError) -> CheckResult {
        let store = try store()
        let jobs = catalog.jobs.filter { $0.isEnabled && $0.request.references.contains(ValueName.token) }
        let summaries = try await session.ask { () throws(StoreError) in
            try await store.summaries(of: jobs.map(\.name), until: now)
        }
        var seen: [String] = []
        for summary in summaries {
            guard let run = summary.lastRun, run.httpStatus != nil || run.reason == .token else { continue }
            if run.reason == .token {
                return CheckResult(
                    .fail, "\(summary.job): the API refused it" + (run.finishedAt.map { " at \($0)" } ?? ""),
                    hint: "give the service and the API the same token, then almanac run-now \(summary.job)")
            }
            seen.append(
                "\(summary.job) \(run.outcome?.phrase ?? run.state.rawValue) \(run.httpStatus.map(String.init) ?? "")"
            )
        }
        guard !seen.isEmpty else {
            return CheckResult(
                .fail, "no run has shown yet that the API takes it",
                hint: "make one: almanac run-now \(jobs.first?.name.description ?? "JOB")")
        }
        return CheckResult(.pass, seen.joined(separator: ", "))
    }

    // MARK: The daemon

    private func clock() async throws(CommandError) -> CheckResult {
        let opened = try records.get()
        let hosts = try await session.ask { () throws(StoreError) in try await opened.store.hosts() }
        let alive = hosts.filter(\.isAlive)
        if let off = alive.first(where: {
            $0.clockOffset > HostSighting.clockOffsetMax
                || $0.clockOffset < .zero - HostSighting.clockOffsetMax
        }) {
            return CheckResult(
                .fail, "\(off.host) is \(off.clockOffset.wholeMicroseconds / 1000) ms off \(opened.place)",
                hint: "let the host keep time: timedatectl set-ntp true")
        }
        guard !alive.isEmpty else {
            return CheckResult(
                .fail, "no daemon is alive, whose clock could be compared", hint: "systemctl start almanac")
        }
        let most = alive.map { abs($0.clockOffset.wholeMicroseconds / 1000) }.max() ?? 0
        return CheckResult(
            .pass, "\(EnglishList.count(alive.count, "host")) at most \(most) ms off \(opened.place)")
    }

    private func metrics(within limit: Duration) async throws(CommandError) -> CheckResult {
        let answer = try await session.askDaemon("GET", "/metrics")
        let name = "almanac_metrics_scraped_timestamp_seconds "
        let lines = String(decoding: answer.bodyBeginning, as: UTF8.self).split(separator: "\n")
        let seconds = lines.first { $0.hasPrefix(name) }.flatMap { Double($0.dropFirst(name.count)) } ?? 0
        let hint = "let Prometheus scrape this host; docs/runbook.md has the lines"
        guard seconds > 0 else {
            return CheckResult(.fail, "Prometheus has not asked since the daemon started", hint: hint)
        }
        let age = max(now - Instant(seconds: Int64(seconds)), .zero)
        guard age <= limit else {
            return CheckResult(.fail, "Prometheus asked last \(TimeText.rough(age)) ago", hint: hint)
        }
        return CheckResult(.pass, "Prometheus asked \(TimeText.rough(age)) ago")
    }
}
