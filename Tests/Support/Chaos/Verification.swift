import StandInAPI

/// What was looked at, and what is wrong with it.
struct Findings: Sendable {
    var occurrences = 0
    var runs = 0
    var attempts = 0
    var requests = 0
    var takeovers = 0
    /// Answers of the store to an owner that had lost its run.
    var refusals = 0
    var outcomes: [String: Int] = [:]
    /// Occurrences that `almanac audit` judged.
    var audited = 0
    var problems: [String] = []

    static func + (left: Findings, right: Findings) -> Findings {
        Findings(
            occurrences: left.occurrences + right.occurrences, runs: left.runs + right.runs,
            attempts: left.attempts + right.attempts, requests: left.requests + right.requests,
            takeovers: left.takeovers + right.takeovers, refusals: left.refusals + right.refusals,
            outcomes: left.outcomes.merging(right.outcomes) { $0 + $1 },
            audited: left.audited + right.audited, problems: left.problems + right.problems)
    }
}

extension Deployment {
    /// Waits until everything has come to rest, and answers the instant up to which all must be decided.
    func rest() async throws -> String {
        let until = try await sql("select clock_timestamp()")[0][0]
        let start = ContinuousClock.now
        while true {
            let open = try await sql(
                """
                select job, run_id, state from almanac.runs
                    where state <> 'finished' and scheduled_for <= '\(until)'
                union all
                select job, null, last_scheduled_for::text from almanac.jobs
                    where last_scheduled_for < '\(until)'::timestamptz - interval '5 seconds'
                """)
            if open.isEmpty { break }
            guard ContinuousClock.now - start < patience else {
                throw Trouble("this does not come to rest: \(open.prefix(5))")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        return try await sql(
            "select least('\(until)', min(last_scheduled_for)) from almanac.jobs")[0][0]
    }

    /// Compares the records up to `until`, an instant as SQL has it, with what was due and with what the API saw, but for
    /// `ignored` rules. Of the first `forgotten` requests the store need not know any more, since its schema was made anew;
    /// then it may have rows of what was due before it knew its jobs, which hosts had kept.
    func verify(
        until: String, except ignored: Set<String> = [], forgotten: Int = 0
    ) async throws -> Findings {
        try await noteRequests()
        try await sql(
            """
            delete from chaos.requests where number <= \(forgotten)
                and not exists (select from almanac.runs where runs.run_id = requests.run_id)
            """)
        var findings = Findings()
        for (rule, statement) in Self.rules(until, isRemade: forgotten > 0) where !ignored.contains(rule) {
            let rows = try await sql(statement)
            findings.problems += rows.prefix(5).map {
                "\(database): \(rule): \($0.joined(separator: " "))"
            }
        }
        let counts =
            try await sql(
                """
                \(Self.wanted(until)) select (select count(*) from wanted),
                    (select count(*) from almanac.runs where scheduled_for <= '\(until)'),
                    (select count(*) from almanac.attempts), (select count(*) from chaos.requests),
                    (select count(*) from chaos.changes where old_host <> new_host)
                """
            ).first?.compactMap { Int($0) } ?? []
        guard counts.count == 5 else { throw Trouble("the records could not be counted") }
        (findings.occurrences, findings.runs, findings.attempts) = (counts[0], counts[1], counts[2])
        (findings.requests, findings.takeovers) = (counts[3], counts[4])
        for row in try await sql(
            "select outcome, count(*) from almanac.runs where scheduled_for <= '\(until)' group by 1")
        where row.count == 2 {
            findings.outcomes[row[0]] = Int(row[1])
        }
        findings.refusals = logLines("lease lost")
        return findings
    }

    /// What `almanac audit` says up to `until`, an instant as SQL has it: what falls due later may be nobody's. It must judge
    /// `expected` occurrences or more: all that was decided.
    func audit(expected: Int, until: String) async throws -> Findings {
        let end = try await sql(
            """
            select to_char((timestamptz '\(until)' + interval '1 microsecond') at time zone 'UTC',
                'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            """)[0][0]
        return try await audit(expected: expected, ["--until", end])
    }

    /// What `almanac audit` says, with the database or beside a daemon without one, whose records it judges then.
    func audit(
        expected: Int, _ bounds: [String] = [], beside embedded: Daemon? = nil
    ) async throws -> Findings {
        let (status, output) = try await almanac(["audit"] + bounds, beside: embedded)
        var findings = Findings()
        let last = output.split(separator: "\n").last ?? ""
        findings.audited = last.split(separator: " ").first.flatMap { Int($0.filter { $0 != "," }) } ?? 0
        if status != 0 || findings.audited < max(expected, 1) {
            findings.problems.append(
                "\(database): almanac audit ended with \(status), for \(expected) occurrences:\n\(output)")
        }
        return findings
    }

    /// Puts what the API saw beside the records. The run and the number of the attempt are in `traceparent`.
    private func noteRequests() async throws {
        var values: [String] = []
        for (index, request) in api.requests().enumerated() {
            let parts = (request.header("traceparent") ?? "").split(separator: "-")
            guard parts.count == 4, let attempt = Int(parts[2], radix: 16) else {
                throw Trouble("\(database): a request without traceparent: \(request.target)")
            }
            values.append("('\(parts[1])', \(attempt), '\(request.idempotencyKey ?? "")', \(index + 1))")
        }
        try await sql("truncate chaos.requests")
        // As many as fit into an argument of a program.
        for start in stride(from: 0, to: values.count, by: 1000) {
            let part = values[start..<min(start + 1000, values.count)].joined(separator: ",")
            try await sql("insert into chaos.requests values \(part)")
        }
    }

    /// Each occurrence that was due: from the first definition of its job on.
    private static func wanted(_ until: String) -> String {
        """
        with wanted as (
            select job, period, at from chaos.jobs
            cross join lateral (select min(since) as since from almanac.definitions
                where definitions.job = jobs.job) as first
            cross join lateral generate_series(
                date_bin(period, since, 'epoch') + period, '\(until)'::timestamptz, period) as at)
        """
    }

    /// Rules that compare what one clock has shown.
    static let startsNotEarly = "something started before it was due"
    static let runsOneAtATime = "two runs of a job were under way at once"

    /// What must hold, and the statement that answers what does not.
    private static func rules(_ until: String, isRemade: Bool) -> KeyValuePairs<String, String> {
        [
            "an occurrence has not exactly one row": """
            \(wanted(until)) select job, at, covering.count from wanted
            cross join lateral (select count(*) from almanac.runs
                where runs.job = wanted.job and not dry_run and scheduled_for <= at
                    and coalesce(scheduled_until, scheduled_for) >= at) as covering
            where covering.count <> 1 order by at
            """,
            "a row stands for no occurrence": """
            \(wanted(until)) select job, run_id, scheduled_for from almanac.runs
            where scheduled_for <= '\(until)' and job in (select job from chaos.jobs)
                    and (job, scheduled_for) not in (select job, at from wanted)
                    and not (\(isRemade) and scheduled_for <= (select min(since) from almanac.definitions
                        where definitions.job = runs.job))
            """,
            "a row miscounts its occurrences": """
            \(wanted(until)) select runs.job, run_id, occurrences, count(*) from almanac.runs
            join wanted on wanted.job = runs.job and at between scheduled_for and scheduled_until
            where scheduled_until <= '\(until)' group by 1, 2, 3 having count(*) <> occurrences
            """,
            "a run has no outcome": """
            select job, run_id, state, host, lease_until from almanac.runs
            where state <> 'finished' and scheduled_for <= '\(until)'
            """,
            "the API saw an attempt more than once": """
            select run_id, attempt, count(*) from chaos.requests group by 1, 2 having count(*) > 1
            """,
            "the API saw an attempt that is not on record": """
            select run_id, attempt from chaos.requests
            where not exists (select from almanac.attempts where attempts.run_id = requests.run_id
                and number = attempt)
            """,
            "the API saw another key than the run's identity":
                "select run_id, key from chaos.requests where key <> run_id::text",
            "the API saw a run that is recorded as never started": """
            select run_id, outcome, reason from almanac.runs join chaos.requests using (run_id)
            where outcome in ('skipped', 'missed')
            """,
            "a run succeeded without its request": """
            select run_id, job, attempts from almanac.runs
            where outcome = 'succeeded' and not exists (select from chaos.requests
                where requests.run_id = runs.run_id and attempt = attempts)
            """,
            startsNotEarly: """
            select run_id, job, due_at, attempts.started_at from almanac.runs
            join almanac.attempts using (run_id)
            where attempts.started_at < due_at or due_at < scheduled_for
            """,
            "a run that had its outcome was changed":
                // What is known of a run that was called lost comes late, and wins.
                """
            select run_id, program, new_state from chaos.changes
            where old_state = 'finished' and old_reason is distinct from 'lost'
            """,
            "a run changed its owner without a new fence": """
            select run_id, program, old_fence, new_fence from chaos.changes
            where new_fence < old_fence
                or old_host <> new_host and new_fence = old_fence and new_state <> 'finished'
            """,
            "a program wrote about another host's run": """
            select program, string_agg(distinct new_host, ' ') from chaos.changes
            where program like 'almanac %' group by program having count(distinct new_host) > 1
            """,
            "two runs of a job have one fence": """
            select job, fence, count(*) from almanac.runs where fence > 0
            group by 1, 2 having count(*) > 1
            """,
            runsOneAtATime: """
            select one.job, one.run_id, other.run_id from almanac.runs as one
            join almanac.runs as other on other.job = one.job and other.run_id > one.run_id
                and one.started_at < other.finished_at and other.started_at < one.finished_at
            where one.exclusive and other.exclusive and one.outcome = 'succeeded'
                and other.outcome = 'succeeded'
            """,
        ]
    }
}
