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

    private static let orphanCount = 250

    /// Plays it, and answers what was found.
    func play(on server: DatabaseServer, name: String, below directory: String) async throws -> Findings {
        let when = self == .orphans ? "0 0 0 1 1 *" : "*/5 * * * * *"
        let options = "as=admin retry=0 timeout=1m overlap=allow"
        let deployment = try await Deployment(
            server, name: name, below: directory,
            schedule: """
                \(when)  first: POST /api/cron/purge_old \(options)
                \(when)  second: POST /api/cron/purge_old \(options)
                """)
        do {
            let findings = try await play(in: deployment)
            try await deployment.end()
            return findings
        } catch {
            try await deployment.end()
            throw Trouble("\(rawValue): \(error) (\(deployment.directory))")
        }
    }

    private func play(in deployment: Deployment) async throws -> Findings {
        let daemons = [deployment.daemon(1), deployment.daemon(2)]
        switch self {
        case .longRun: deployment.api.misbehave(.delay(Deployment.lease * 3), count: 1)
        case .orphans: try await abandonRuns(in: deployment)
        case .lockedJob: break
        }
        for daemon in daemons { try daemon.start() }
        var problems: [String] = []
        switch self {
        case .longRun:
            try await wait(until: "the long run has ended") {
                try await !deployment.sql(
                    "select 1 from almanac.runs where finished_at - started_at > interval '8s'"
                ).isEmpty
            }
            let ends = try await deployment.sql(
                "select outcome, attempts from almanac.runs where finished_at - started_at > interval '8s'")
            if ends != [["succeeded", "1"]] { problems.append("\(rawValue): \(ends)") }
        case .orphans:
            try await wait(until: "every run has its outcome") {
                try await deployment.sql("select 1 from almanac.runs where state <> 'finished'").isEmpty
            }
            let ends = try await deployment.sql("select outcome, count(*) from almanac.runs group by 1")
            if ends != [["succeeded", "\(Self.orphanCount)"]] { problems.append("\(rawValue): \(ends)") }
        case .lockedJob:
            try await wait(until: "both jobs have run") { try await Self.jobsThatRan(deployment).count == 2 }
            let ran = try await lockFirstJob(in: deployment)
            if ran != ["second"] { problems.append("\(rawValue): only \(ran) went on") }
            try await wait(until: "the job goes on") { try await Self.jobsThatRan(deployment).count == 2 }
        }
        let until = try await deployment.sql("select min(last_scheduled_for) from almanac.jobs")[0][0]
        for daemon in daemons {
            let status = try await daemon.stop(by: SIGTERM)
            if status != 0 { problems.append("\(rawValue): a daemon ended with \(status ?? -1)") }
        }
        if self != .orphans {
            try await deployment.sql(
                "insert into chaos.jobs values ('first', interval '5s'), ('second', interval '5s')")
        }
        var findings = try await deployment.verify(until: until)
        if self != .orphans, findings.takeovers > 0 {
            findings.problems.append("\(rawValue): \(findings.takeovers) runs were taken over")
        }
        findings.problems += problems
        return findings
    }

    /// Runs of a host that was gone a minute ago, before any of them had sent its request.
    private func abandonRuns(in deployment: Deployment) async throws {
        try await deployment.sql(
            """
            insert into almanac.jobs (job, last_scheduled_for, fence)
                values ('first', now() - interval '1s', \(Self.orphanCount));
            insert into almanac.runs (run_id, job, trigger, dry_run, scheduled_for, occurrences, due_at, state,
                    attempts, attempts_max, host, config_hash, created_at, exclusive, fence, lease_until)
                select gen_random_uuid(), 'first', 'schedule', false, at, 1, at, 'claimed', 0, 1, 'gone/1', '',
                    at, false, row_number() over (), now() - interval '1 minute'
                from generate_series(1, \(Self.orphanCount)) as number,
                    lateral (select date_trunc('second', now()) - number * interval '1 second' as at) as due
            """)
    }

    /// Locks the first job for longer than a statement waits for a lock, and answers which jobs ran meanwhile.
    private func lockFirstJob(in deployment: Deployment) async throws -> [String] {
        let session = try deployment.server.client(
            ["-c", "begin; select 1 from almanac.jobs where job = 'first' for update; select pg_sleep(20)"],
            deployment.database, name: "chaos lock")
        try await Task.sleep(for: .seconds(1))
        let since = try await deployment.sql("select clock_timestamp()")[0][0]
        try await session.end(within: .seconds(40))
        return try await deployment.sql(
            """
            select distinct job from almanac.runs where started_at > '\(since)'
                and started_at < '\(since)'::timestamptz + interval '18s' order by job
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
