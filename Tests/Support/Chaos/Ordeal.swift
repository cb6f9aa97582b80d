import Glibc
import StandInAPI

/// Something that takes long, or comes in numbers, and must do no harm.
enum Ordeal: String, CaseIterable, Sendable {
    /// A run that takes longer than several leases, while another host looks for abandoned runs.
    case longRun = "a run longer than its lease"
    /// More runs of a host that is gone than are taken over at once.
    case orphans = "more abandoned runs than are taken over at once"
    /// Somebody who holds a job's row for longer than a statement waits for it.
    case lockedJob = "a job that is locked by hand"
    /// Old rows that are pruned while runs of their age end.
    case oldRuns = "old runs that are pruned and that end"
    /// A disk that is full when the database goes away, and when it comes back.
    case fullJournal = "a full disk while the database is away"
    /// A disk that is full for a while, without a database.
    case fullStore = "a full disk under the embedded store"

    /// Those that can be played here.
    static func possible(below directory: String) async throws -> [Ordeal] {
        if try await SmallDisk.isPossible(below: directory) { return allCases }
        print(
            "chaos: no disk is filled, since none can be mounted here: neither by this user, nor in a name space"
        )
        return allCases.filter { $0 != .fullJournal && $0 != .fullStore }
    }

    private static let orphanCount = 250
    private static let prunedCount = 2000

    /// Plays it, and answers what was found.
    func play(on server: DatabaseServer, name: String, below directory: String) async throws -> Findings {
        let when =
            switch self {
            case .orphans, .oldRuns: "0 0 0 1 1 *"
            case .longRun, .lockedJob: "*/5 * * * * *"
            case .fullJournal, .fullStore: "* * * * * *"
            }
        let options = "as=admin retry=0 timeout=5m overlap=allow catch-up=none"
        let deployment = try await Deployment(
            server, name: name, below: directory,
            schedule: """
                \(when)  first: POST /api/cron/purge_old \(options)
                \(when)  second: POST /api/cron/purge_old \(options)
                """)
        do {
            let findings =
                switch self {
                case .fullJournal: try await fullJournal(in: deployment)
                case .fullStore: try await fullStore(in: deployment)
                case .longRun, .orphans, .lockedJob, .oldRuns: try await play(in: deployment)
                }
            try await deployment.end()
            return findings
        } catch {
            try await deployment.end()
            throw Trouble("\(rawValue): \(error) (\(deployment.directory))")
        }
    }

    /// Long enough that a daemon of a busy machine keeps its runs: here no takeover is wanted.
    private static let lease = Duration.seconds(20)
    private static let long = lease * 2.5

    private func play(in deployment: Deployment) async throws -> Findings {
        var settings = ["ALMANAC_LEASE": "\(Self.lease.components.seconds)s"]
        if self == .oldRuns {
            for name in ["RUNS", "ATTEMPTS", "EXCERPTS"] { settings["ALMANAC_KEEP_\(name)"] = "1d" }
            settings["ALMANAC_PRUNE_EVERY"] = "1s"
        }
        let daemons = [1, 2].map { deployment.daemon($0, settings: settings) }
        switch self {
        case .longRun: deployment.api.misbehave(.delay(Self.long), count: 1)
        case .orphans: try await abandonRuns(in: deployment, age: "0s")
        case .oldRuns:
            deployment.api.misbehave(.delay(.seconds(1)))
            try await abandonRuns(in: deployment, age: "3 days")
            try await insertEndedRuns(in: deployment)
        case .lockedJob, .fullJournal, .fullStore: break
        }
        for daemon in daemons { try daemon.start() }
        let ends = try await awaitEnd(in: deployment)
        var problems = ends == expectedEnd ? [] : ["\(rawValue): \(ends), and not \(expectedEnd)"]
        let until = try await deployment.sql("select min(last_scheduled_for) from almanac.jobs")[0][0]
        for daemon in daemons {
            let status = try await daemon.stop(by: SIGTERM)
            if status != 0 { problems.append("\(rawValue): a daemon ended with \(status ?? -1)") }
        }
        let isAbandoned = self == .orphans || self == .oldRuns
        if !isAbandoned {
            try await deployment.sql(
                "insert into chaos.jobs values ('first', interval '5s'), ('second', interval '5s')")
        }
        var findings = try await deployment.verify(until: until)
        if !isAbandoned, findings.takeovers > 0 {
            problems.append("\(rawValue): \(findings.takeovers) runs were taken over")
        }
        findings.problems += problems
        return findings
    }

    /// What `awaitEnd` answers when all is well.
    private var expectedEnd: [[String]] {
        switch self {
        case .longRun: [["succeeded", "1"]]
        case .orphans, .oldRuns: [["succeeded", "\(Self.orphanCount)"]]
        case .lockedJob: [["second"]]
        case .fullJournal, .fullStore: []
        }
    }

    /// Waits until it is over, and answers what the store says of it.
    private func awaitEnd(in deployment: Deployment) async throws -> [[String]] {
        switch self {
        case .longRun:
            let long = "from almanac.runs where finished_at - started_at > interval '45s'"
            try await wait(until: "the long run has ended") {
                try await !deployment.sql("select 1 \(long)").isEmpty
            }
            return try await deployment.sql("select distinct outcome, attempts \(long)")
        case .orphans, .oldRuns:
            try await wait(until: "every run has its outcome, and the older ones are gone") {
                try await deployment.sql(
                    "select 1 from almanac.runs where state <> 'finished' or outcome = 'declined' limit 1"
                ).isEmpty
            }
            return try await deployment.sql("select outcome, count(*) from almanac.runs group by 1")
        case .lockedJob:
            try await wait(until: "both jobs have run") { try await Self.jobsThatRan(deployment).count == 2 }
            let ran = try await lockFirstJob(in: deployment)
            try await wait(until: "the job goes on") { try await Self.jobsThatRan(deployment).count == 2 }
            return ran.map { [$0] }
        case .fullJournal, .fullStore: return []
        }
    }

    /// Runs, due so long ago, of a host that was gone a minute ago, before any of them had sent its request. Nothing of
    /// them is late, for by its clock it claimed them in an hour.
    private func abandonRuns(in deployment: Deployment, age: String) async throws {
        try await deployment.sql(
            """
            insert into almanac.jobs (job, last_scheduled_for, fence)
                values ('first', now() - interval '1s', \(Self.orphanCount));
            insert into almanac.runs (run_id, job, trigger, dry_run, scheduled_for, occurrences, due_at, state,
                    attempts, attempts_max, host, config_hash, created_at, exclusive, fence, lease_until)
                select gen_random_uuid(), 'first', 'schedule', false, at, 1, at, 'claimed', 0, 1, 'gone/1', '',
                    now() + interval '1 hour', false, row_number() over (), now() - interval '1 minute'
                from generate_series(1, \(Self.orphanCount)) as number,
                    lateral (select date_trunc('second', now()) - interval '\(age)'
                        - number * interval '1 second' as at) as due
            """)
    }

    /// Runs that ended at the times for which the abandoned ones were due, and beyond.
    private func insertEndedRuns(in deployment: Deployment) async throws {
        try await deployment.sql(
            """
            insert into almanac.runs (run_id, job, trigger, dry_run, scheduled_for, occurrences, due_at, state,
                    outcome, reason, attempts, attempts_max, host, config_hash, created_at, started_at,
                    finished_at, exclusive, fence)
                select gen_random_uuid(), 'first', 'schedule', false, at, 1, at, 'finished', 'declined', 'status',
                    1, 1, 'gone/1', '', at, at, at, false, 0
                from generate_series(1, \(Self.prunedCount)) as number,
                    lateral (select date_trunc('second', now()) - interval '3 days'
                        - (number - 0.5) * interval '1 second' as at) as due;
            insert into almanac.attempts (run_id, number, started_at, finished_at)
                select run_id, 1, started_at, finished_at from almanac.runs where outcome = 'declined';
            """)
    }

    /// Locks the first job for longer than a statement waits for a lock, and answers whose runs were claimed and begun
    /// meanwhile.
    private func lockFirstJob(in deployment: Deployment) async throws -> [String] {
        try await deployment.sql("create table chaos.locked (since timestamptz, until timestamptz)")
        let session = try deployment.server.client(
            [
                "-c",
                """
                begin; select 1 from almanac.jobs where job = 'first' for update;
                insert into chaos.locked values (clock_timestamp()); select pg_sleep(20);
                update chaos.locked set until = clock_timestamp(); commit
                """,
            ], deployment.database, name: "chaos lock")
        try await session.end(within: patience)
        return try await deployment.sql(
            """
            select distinct job from almanac.runs, chaos.locked
            where runs.created_at > since and runs.finished_at < until order by job
            """
        ).map { $0[0] }
    }

    /// The jobs with a run that succeeded in the last seconds.
    private static func jobsThatRan(_ deployment: Deployment) async throws -> [[String]] {
        try await deployment.sql(
            """
            select distinct job from almanac.runs
            where outcome = 'succeeded' and finished_at > now() - interval '7s'
            """)
    }
}
