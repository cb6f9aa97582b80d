import Glibc
import StandInAPI

/// Disks that are full for a while.
extension Ordeal {
    /// Small, and more than an empty store takes.
    private static let kibibytes = 1024

    /// The disk of the journal is full when the database goes away, has space for a while, and is full again when the
    /// database is back.
    func fullJournal(in deployment: Deployment) async throws -> Findings {
        let daemon = deployment.daemon(1, outage: "run", disk: Self.kibibytes)
        try daemon.start()
        try await wait(until: "runs are recorded") {
            try await deployment.sql("select 1 from almanac.runs where outcome = 'succeeded'").count > 2
        }
        try SmallDisk.fill(of: daemon)
        try await deployment.refuseConnections(true)
        try await wait(until: "the journal has no space") {
            deployment.logLines("the journal cannot be used") > 0
        }
        SmallDisk.free(of: daemon)
        try await waitForRequests(in: deployment)
        try SmallDisk.fill(of: daemon)
        try await deployment.refuseConnections(false)
        try await wait(until: "the journal is delivered") {
            deployment.logLines("the database is back") > 0
        }
        SmallDisk.free(of: daemon)
        let until = try await deployment.rest()
        let status = try await daemon.stop(by: SIGTERM)
        try await deployment.sql(
            "insert into chaos.jobs values ('first', interval '1s'), ('second', interval '1s')")
        var findings = try await deployment.verify(until: until)
        if status != 0 { findings.problems.append("\(rawValue): the daemon ended with \(status ?? -1)") }
        return findings + (try await deployment.audit(expected: findings.occurrences, until: until))
    }

    /// The disk of the embedded store is full for a while.
    func fullStore(in deployment: Deployment) async throws -> Findings {
        let daemon = deployment.daemon(1, settings: ["DB_DSN": ""], disk: Self.kibibytes)
        try daemon.start()
        try await waitForRequests(in: deployment)
        try SmallDisk.fill(of: daemon)
        try await wait(until: "the store has no space") {
            deployment.logLines("there is no space left for") > 0
        }
        SmallDisk.free(of: daemon)
        try await waitForRequests(in: deployment)
        let requests = deployment.api.requests()
        var findings = try await deployment.audit(expected: requests.count, beside: daemon)
        findings.requests = requests.count
        if Set(requests.map(\.idempotencyKey)).count != requests.count {
            findings.problems.append("\(rawValue): a run was made twice")
        }
        let status = try await daemon.stop(by: SIGTERM)
        if status != 0 { findings.problems.append("\(rawValue): the daemon ended with \(status ?? -1)") }
        return findings
    }

    private func waitForRequests(in deployment: Deployment) async throws {
        let seen = deployment.api.requests().count
        try await wait(until: "runs are made") { deployment.api.requests().count > seen + 3 }
    }
}

extension Deployment {
    /// Lets nobody into the database any more and ends who is there, or lets everybody in again.
    fileprivate func refuseConnections(_ refuses: Bool) async throws {
        try await server.sql("alter database \(database) with allow_connections \(!refuses)")
        guard refuses else { return }
        try await server.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = '\(database)'")
    }
}
