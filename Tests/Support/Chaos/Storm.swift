import Glibc
import RandomInput
import StandInAPI

/// Something that goes wrong while jobs fall due each second.
enum Fault: Sendable {
    case kill(daemon: Int, away: Duration)
    case freeze(daemon: Int, away: Duration)
    case terminateSessions
    case killSession
    case crash(away: Duration)
    case stopServer(away: Duration)
    case slow(Gate, Duration)
    case api(Misbehaviour, count: Int)

    /// What is counted over all that is played.
    static let killed = "daemons killed"

    var name: String {
        switch self {
        case .kill: Self.killed
        case .freeze: "daemons frozen"
        case .terminateSessions: "pg_terminate_backend"
        case .killSession: "server processes killed"
        case .crash: "servers killed"
        case .stopServer: "servers stopped"
        case .slow: "statements held"
        case .api: "API faults"
        }
    }
}

/// Jobs that fall due each second, daemons that run them, and faults in a random order that follows from a seed.
struct Storm: Sendable {
    var name: String
    var seed: Int
    var daemons: Int
    /// Which daemons go through the pooler.
    var isPooled: @Sendable (Int) -> Bool
    /// `ALMANAC_STORE_OUTAGE` of the daemons.
    var outage: String
    var duration: Duration

    /// The faults and how long after the start each comes, in their order.
    private var plan: [(at: Duration, fault: Fault)] {
        var random = SeededRandom(seed: seed)
        var plan: [(at: Duration, fault: Fault)] = []
        var busyUntil = [Duration](repeating: .zero, count: daemons + 1)
        var at = Duration.seconds(2)
        while at < duration {
            let daemon = random.number(1...daemons)
            let away = Duration.milliseconds(random.number(100...7000))
            let isFree = busyUntil[daemon] <= at
            switch random.below(20) {
            case 0..<6 where isFree:
                busyUntil[daemon] = at + away + .seconds(1)
                plan.append((at, .kill(daemon: daemon, away: away)))
            case 6..<10 where isFree:
                busyUntil[daemon] = at + away + .seconds(1)
                plan.append((at, .freeze(daemon: daemon, away: away)))
            case 10, 11: plan.append((at, .terminateSessions))
            case 12: plan.append((at, .killSession))
            case 13: plan.append((at, .crash(away: away / 2)))
            case 14: plan.append((at, .stopServer(away: away)))
            case 15: plan.append((at, .slow(random.pick(Gate.allCases), away)))
            default:
                let faults: [Misbehaviour] = [
                    .delay(.milliseconds(random.number(200...6000))), .status(500), .status(503),
                    .resetAfterRequest,
                    .resetBeforeRequest, .silence, .closeWithoutAnswer, .resetInBody,
                ]
                plan.append((at, .api(random.pick(faults), count: random.number(1...4))))
            }
            at += .milliseconds(random.number(200...1500))
        }
        return plan
    }

    /// Plays it, and answers what was found, with the number of faults of each kind.
    func play(below directory: String) async throws -> (findings: Findings, faults: [String: Int]) {
        let server = try await DatabaseServer(below: directory + "/" + name + "-server")
        try await Deployment.prepare(server, directory)
        if (1...daemons).contains(where: isPooled) { try await server.startPooler() }
        let deployment = try await Deployment(server, name: name, below: directory, schedule: Schedule().text)
        try await Schedule().note(in: deployment)
        do {
            let result = try await play(in: deployment, server)
            try await deployment.end()
            try await server.end()
            return result
        } catch {
            try await deployment.end()
            try await server.end()
            throw Trouble("\(name): \(error) (\(deployment.directory))")
        }
    }

    private func play(
        in deployment: Deployment, _ server: DatabaseServer
    ) async throws -> (findings: Findings, faults: [String: Int]) {
        let hosts = (1...daemons).map { deployment.daemon($0, pooled: isPooled($0), outage: outage) }
        for host in hosts { try host.start() }
        let plan = plan
        var until = ""
        var findings = Findings()
        findings.problems = try await withThrowingTaskGroup(of: [String].self) { group in
            group.addTask { try await keepRunning { hosts } }
            group.addTask {
                try await withThrowingDiscardingTaskGroup { faults in
                    let start = ContinuousClock.now
                    for (at, fault) in plan {
                        try await Task.sleep(until: start + at)
                        try await bring(fault, on: hosts, server, deployment, &faults)
                    }
                }
                return []
            }
            _ = try await group.next()
            deployment.api.behave()
            until = try await deployment.rest()
            group.cancelAll()
            return try await group.next() ?? []
        }
        // One that only begins to start is ended by the signal itself.
        try await wait(until: "all daemons are ready") { hosts.allSatisfy(\.isReady) }
        for host in hosts {
            let status = try await host.stop(by: SIGTERM)
            if status != 0 {
                findings.problems.append("\(name): daemon \(host.number) ended with \(status ?? -1)")
            }
        }
        findings = findings + (try await deployment.verify(until: until))
        findings = findings + (try await deployment.audit(expected: findings.occurrences, until: until))
        let faults = Dictionary(plan.map { ($0.fault.name, 1) }, uniquingKeysWith: +)
        return (findings, faults)
    }

    private func bring(
        _ fault: Fault, on hosts: [Daemon], _ server: DatabaseServer, _ deployment: Deployment,
        _ group: inout ThrowingDiscardingTaskGroup<any Error>
    ) async throws {
        switch fault {
        case .kill(let daemon, let away):
            group.addTask {
                try await hosts[daemon - 1].kill()
                try await Task.sleep(for: away)
                try hosts[daemon - 1].start()
            }
        case .freeze(let daemon, let away):
            group.addTask {
                hosts[daemon - 1].freeze()
                try await Task.sleep(for: away)
                hosts[daemon - 1].thaw()
            }
        case .terminateSessions:
            try await deployment.sql(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'almanac %'"
            )
        case .killSession:
            let session = try await deployment.sql(
                "select pid from pg_stat_activity where application_name like 'almanac %' limit 1")
            if let process = session.first.flatMap({ pid_t($0[0]) }) { kill(process, SIGKILL) }
            // All others are ended too, and the server recovers.
            try await server.start()
        case .crash(let away):
            try await server.stop(by: SIGKILL)
            try await Task.sleep(for: away)
            try await server.start()
        case .stopServer(let away):
            try await server.stop(by: SIGINT)
            try await Task.sleep(for: away)
            try await server.start()
        case .slow(let gate, let time):
            try await deployment.close(gate)
            try await Task.sleep(for: time)
            try await deployment.openGates()
        case .api(let misbehaviour, let count): deployment.api.misbehave(misbehaviour, count: count)
        }
    }
}
