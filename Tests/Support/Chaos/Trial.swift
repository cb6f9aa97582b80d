import Glibc
import StandInAPI

/// One way in which a run is disturbed at one of its steps, and what must become of it.
struct Trial: Sendable, CustomStringConvertible {
    /// Where the run is when it is disturbed.
    enum Step: Sendable {
        case beforeItIsDue
        case at(Gate)
        case requestWritten
        /// Its connection was refused, and it waits for the API.
        case refused

        var isBeforeItIsDue: Bool {
            if case .beforeItIsDue = self { true } else { false }
        }
    }

    /// What becomes of the statement that is held at a gate.
    enum Statement: String, Sendable { case lost, kept }

    /// What becomes of the daemon that has the run.
    enum Owner: String, Sendable { case killed, frozen, alive }

    /// Who decides about the run afterwards.
    enum Heir: String, Sendable { case restarted, other }

    var step: Step
    var statement = Statement.kept
    var owner: Owner
    var heir = Heir.other

    /// Every combination that can be.
    static let all: [Trial] = {
        var trials = [Heir.restarted, .other].flatMap {
            [
                Trial(step: .beforeItIsDue, owner: .killed, heir: $0),
                Trial(step: .requestWritten, owner: .killed, heir: $0),
            ]
        }
        trials += [
            Trial(step: .requestWritten, owner: .frozen),
            Trial(step: .refused, owner: .killed, heir: .restarted), Trial(step: .refused, owner: .killed),
            Trial(step: .refused, owner: .frozen),
        ]
        for gate in Gate.allCases {
            for statement in [Statement.lost, .kept] {
                trials += [
                    Trial(step: .at(gate), statement: statement, owner: .killed, heir: .restarted),
                    Trial(step: .at(gate), statement: statement, owner: .killed),
                    Trial(step: .at(gate), statement: statement, owner: .frozen),
                ]
            }
            trials.append(Trial(step: .at(gate), statement: .lost, owner: .alive))
        }
        return trials
    }()

    var description: String {
        switch step {
        case .beforeItIsDue: "\(owner) before it is due, \(heir)"
        case .requestWritten: "\(owner) with the request written, \(heir)"
        case .refused: "\(owner) while it waits for the API, \(heir)"
        case .at(let gate): "\(owner) at \(gate), the statement \(statement), \(heir)"
        }
    }

    /// The outcomes that the run may have, and the attempts that the API must have seen, in order.
    var expected: (outcomes: Set<String>, requests: [[Int]]) {
        switch (step, statement, owner) {
        case (.beforeItIsDue, _, _), (.at(.claim), .lost, _), (.at(.finish), .kept, _),
            (.at(.finish), _, .alive):
            (["succeeded"], [[1]])
        // Whoever takes it over counts the attempt that sent nothing, or makes it again.
        case (.refused, _, _): (["succeeded"], [[2]])
        // Whether the request was sent cannot be known; an owner that wakes up may still send it, once, or tell how it ended.
        case (.at(.claim), .kept, .frozen): (Self.unlessKnown, [[], [1]])
        case (.at(.claim), .kept, _): (["unknown"], [[]])
        case (.at(.attempt), .kept, .frozen): (Self.unlessKnown, [[1], [1, 2]])
        case (.at(.attempt), .kept, _): (["unknown"], [[1]])
        case (.at(.retry), .kept, _), (.at(.retry), _, .alive), (.at(.attempt), .lost, _):
            (["succeeded"], [[1, 2]])
        case (.requestWritten, _, .frozen), (.at(.finish), .lost, .frozen): (Self.unlessKnown, [[1]])
        case (.requestWritten, _, _), (.at(.finish), .lost, _), (.at(.retry), .lost, _):
            (["unknown"], [[1]])
        }
    }

    private static let unlessKnown: Set = ["unknown", "succeeded"]

    /// Plays it, and answers what was found and how long the run waited for its heir.
    func play(
        on server: DatabaseServer, name: String, below directory: String
    ) async throws -> (findings: Findings, recovery: Duration) {
        // A busy machine can take longer to start a daemon than its occurrence waits, or to come back to a statement
        // than it can be held.
        var lead = step.isBeforeItIsDue ? 4 : 0
        for number in 1..<Self.triesMax {
            do {
                return try await play(on: server, name: "\(name)_\(number)", below: directory, lead: lead)
            } catch is TooLate {
                lead *= 3
            }
        }
        return try await play(on: server, name: "\(name)_\(Self.triesMax)", below: directory, lead: lead)
    }

    private static let triesMax = 4

    /// The step was over before the daemon could be disturbed there.
    private struct TooLate: Error, CustomStringConvertible {
        var description: String { "the machine is too busy to disturb it at its step" }
    }

    private func play(
        on server: DatabaseServer, name: String, below directory: String, lead: Int
    ) async throws -> (findings: Findings, recovery: Duration) {
        let due = try await server.sql(
            """
            select at, to_char(at at time zone 'UTC', 'FMSS FMMI FMHH24 FMDD FMMM')
            from (select date_trunc('second', clock_timestamp()) + \(lead) * interval '1 second' as at) as due
            """)[0]
        let options = "retry=1 backoff=1s..1s timeout=5m overlap=skip catch-up=latest"
        let deployment = try await Deployment(
            server, name: name, below: directory,
            schedule: "\(due[1]) *  once: POST /api/cron/purge_old as=admin \(options)")
        do {
            let result = try await play(in: deployment, due: due[0])
            try await deployment.end()
            if result.findings.problems.isEmpty { try await server.sql("drop database \(name) with (force)") }
            return result
        } catch let error as TooLate {
            try await deployment.end()
            throw error
        } catch {
            try await deployment.end()
            throw Trouble("\(self): \(error) (\(deployment.directory))")
        }
    }

    private func play(
        in deployment: Deployment, due: String
    ) async throws -> (findings: Findings, recovery: Duration) {
        // As if an earlier daemon had known the job: the occurrence is due whenever the first one is ready.
        try await deployment.backdate("once", before: due)
        let first = deployment.daemon(
            1, settings: isRefused ? ["API_BASE_URL": "http://127.0.0.1:1", "ALMANAC_API_GRACE": "10m"] : [:])
        try await disturb(first, in: deployment)
        let since = ContinuousClock.now
        let heir = owner == .killed && heir == .restarted ? deployment.daemon(1) : deployment.daemon(2)
        if owner != .alive { try heir.start() }
        try await wait(until: "the run has its outcome") {
            try await deployment.sql("select 1 from almanac.runs where state = 'finished'").count == 1
        }
        let recovery = ContinuousClock.now - since
        if owner == .frozen {
            // It goes on where it was, with what it believes it has.
            first.thaw()
            try await Task.sleep(for: .seconds(2))
        }
        if owner != .alive { try await wait(until: "the heir is ready") { heir.isReady } }
        var findings = Findings()
        for daemon in [owner == .killed ? nil : first, owner == .alive ? nil : heir].compactMap(\.self) {
            let status = try await daemon.stop(by: SIGTERM)
            if status != 0 {
                findings.problems.append("\(deployment.database): daemon ended with \(status ?? -1)")
            }
        }
        findings = findings + (try await deployment.verify(until: due))
        findings.occurrences = 1
        let rows = try await deployment.sql("select outcome, scheduled_for = '\(due)' from almanac.runs")
        let seen = try await deployment.sql("select attempt from chaos.requests order by attempt").compactMap
        {
            Int($0[0])
        }
        let isExpected = expected.outcomes.contains { rows == [[$0, "t"]] }
        if !isExpected || !expected.requests.contains(seen) {
            findings.problems.append(
                "\(deployment.database): \(self): \(rows), requests \(seen), and not \(expected)")
        }
        return (findings, recovery)
    }

    /// Starts the daemon, lets it come to the step, and does to it what is to be done.
    private func disturb(_ daemon: Daemon, in deployment: Deployment) async throws {
        switch step {
        case .beforeItIsDue:
            try daemon.start()
            try await wait(until: "the daemon is ready") { daemon.isReady }
            try await leave(daemon)
            guard try await deployment.sql("select 1 from almanac.runs").isEmpty else { throw TooLate() }
        case .requestWritten:
            deployment.api.misbehave(.silence)
            try daemon.start()
            try await wait(until: "the API has the request") { !deployment.api.requests().isEmpty }
            try await leave(daemon)
            deployment.api.behave()
        case .refused:
            try daemon.start()
            let waiting =
                "select 1 from almanac.runs join almanac.attempts using (run_id) where state = 'retry_wait'"
            try await wait(until: "it waits for the API") { try await !deployment.sql(waiting).isEmpty }
            try await leave(daemon)
            try await wait(until: "the server is done with it") { try await !deployment.isServed(daemon) }
            // It asks the API again every two seconds.
            guard try await !deployment.sql(waiting).isEmpty else { throw TooLate() }
        case .at(let gate):
            if gate.isAfterFailure { deployment.api.misbehave(.status(500), count: 1) }
            try await deployment.close(gate)
            try daemon.start()
            var process: String?
            try await wait(until: "a statement is held at \(gate)") {
                process = try await deployment.held(daemon)
                return process != nil
            }
            try await leave(daemon)
            if statement == .lost, let process {
                try await deployment.sql("select pg_terminate_backend(\(process))")
            }
            try await deployment.openGates()
            if owner != .alive {
                try await wait(until: "the server is done with it") { try await !deployment.isServed(daemon) }
                let reached = try await deployment.sql(
                    "select 1 from chaos.changes where \(gate.change)")
                if statement == .kept, reached.isEmpty { throw TooLate() }
            }
        }
    }

    private var isRefused: Bool {
        if case .refused = step { true } else { false }
    }

    private func leave(_ daemon: Daemon) async throws {
        switch owner {
        case .killed: try await daemon.kill()
        case .frozen: daemon.freeze()
        case .alive: break
        }
    }
}
