import Glibc
import StandInAPI

/// A phase that is played in a deployment of its own, whose daemons are killed meanwhile; afterwards every record is compared.
struct PhasePlay: Sendable {
    var phase: Phase
    /// What the order of kills follows from.
    var seed: Int
    /// How often what it does is done and undone.
    var turns: Int
    /// The program of the version before.
    var before: String?

    private var name: String { "phase_" + phase.rawValue.replacing("-", with: "_") }

    /// Plays it, and answers what was found, and what was done how often.
    func play(below directory: String) async throws -> (findings: Findings, faults: [String: Int]) {
        let server = try await DatabaseServer(
            below: "\(directory)/\(name)-server", settings: phase.settings, disk: phase.disk)
        do {
            let result = try await play(on: server, below: directory)
            try await server.end()
            return result
        } catch {
            try await server.end()
            throw Trouble("phase \(phase.rawValue): \(error) (\(directory)/\(name))")
        }
    }

    private func play(
        on server: DatabaseServer, below directory: String
    ) async throws -> (findings: Findings, faults: [String: Int]) {
        try await server.makeApplication()
        if phase.disk != nil {
            try await server.sql("create tablespace small location '\(server.smallDisk)'")
        }
        try await Deployment.prepare(
            server, directory, as: DatabaseServer.application,
            with: phase == .versions ? before ?? "" : Deployment.program("almanac"))
        let deployment = try await Deployment(
            server, name: name, below: directory, schedule: phase.schedule.text,
            as: DatabaseServer.application, in: phase.disk == nil ? "pg_default" : "small")
        do {
            try await phase.schedule.note(in: deployment)
            let result = try await play(in: deployment)
            try await deployment.end()
            return result
        } catch {
            try await deployment.end()
            throw error
        }
    }

    private func play(
        in deployment: Deployment
    ) async throws -> (findings: Findings, faults: [String: Int]) {
        let stage = Stage(deployment: deployment, clock: try await clock(in: deployment), before: before)
        // So that who is killed has something under way.
        deployment.api.misbehave(.delay(.milliseconds(400)))
        for number in 1...2 { try stage.hosts.join(stage.daemon(number, isBefore: phase == .versions)) }
        try await stage.goesOn()
        var until = ""
        var findings = Findings()
        findings.problems = try await withThrowingTaskGroup(of: [String].self) { group in
            group.addTask { try await keepRunning { stage.hosts.all } }
            group.addTask {
                try await stage.hosts.keepKilling(seed: seed)
                return []
            }
            var problems: [String] = []
            for turn in 0..<turns {
                problems += try await stage.play(phase, turn: turn)
                try await stage.goesOn()
            }
            try await stage.hosts.rest()
            until = try await deployment.rest()
            group.cancelAll()
            for try await found in group { problems += found }
            return problems
        }
        for host in stage.hosts.all {
            let status = try await host.stop(by: SIGTERM)
            if status != 0 {
                findings.problems.append("\(name): daemon \(host.number) ended with \(status ?? -1)")
            }
        }
        findings =
            findings
            + (try await deployment.verify(
                until: until, except: phase.ignoredRules, forgotten: stage.forgotten))
        findings = findings + (try await deployment.audit(expected: findings.occurrences, until: until))
        return (findings, ["turns": turns, Fault.killed: stage.hosts.kills])
    }

    private func clock(in deployment: Deployment) async throws -> Clock? {
        switch phase {
        case .clocks, .clockAhead: try await Clock(in: deployment.directory)
        case .readOnly, .tablespace, .rights, .schema, .slots, .clones, .versions, .rewind: nil
        }
    }
}
