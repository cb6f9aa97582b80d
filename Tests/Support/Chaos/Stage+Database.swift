import Glibc
import StandInAPI

/// What is done to the database.
extension Stage {
    private var role: String { DatabaseServer.application }
    private var server: DatabaseServer { deployment.server }

    /// Ends the sessions of all daemons.
    private func endSessions() async throws {
        try await deployment.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'almanac %'")
    }

    /// By the database's own setting, which new sessions have, or by the server's, which all have.
    func allowOnlyReading(ofServer: Bool) async throws {
        let object = ofServer ? "system" : "database \(deployment.database)"
        try await feels(["read-only transaction"]) {
            try await server.sql("alter \(object) set default_transaction_read_only = on")
            try await server.sql("select pg_reload_conf()")
            if !ofServer { try await endSessions() }
        }
        try await endure()
        try await server.sql("alter \(object) reset default_transaction_read_only")
        try await server.sql("select pg_reload_conf()")
    }

    func fillTablespace() async throws {
        let ballast = SmallDisk.ballast(of: server.id, at: server.smallDisk)
        try await feels(["has no space left"]) { try SmallDisk.fill(ballast) }
        try await endure()
        unlink(ballast)
    }

    func revoke(_ turn: Int) async throws {
        let (revoke, grant, sign) =
            switch turn % 3 {
            case 0: ("revoke insert on almanac.runs from", "grant insert on almanac.runs to", "no right to")
            case 1: ("revoke update on almanac.jobs from", "grant update on almanac.jobs to", "no right to")
            default: ("alter role", "alter role", "not permitted to log in")
            }
        let isLogin = turn % 3 == 2
        try await feels([sign]) {
            try await deployment.sql("\(revoke) \(role)" + (isLogin ? " nologin" : ""))
            if isLogin { try await endSessions() }
        }
        try await endure()
        try await deployment.sql("\(grant) \(role)" + (isLogin ? " login" : ""))
    }

    /// Nobody is killed: only a daemon that lives knows how far its jobs had come.
    func remakeSchema() async throws {
        try await hosts.rest()
        try await feels(["had forgotten the jobs"]) {
            try await feels(["schema does not fit"]) {
                try await deployment.sql("drop schema almanac cascade")
            }
            try await deployment.migrate()
            try await deployment.sql(Gates.triggers)
        }
        try await wait(until: "runs are recorded again") {
            try await !deployment.sql("select 1 from almanac.runs where outcome = 'succeeded' limit 1")
                .isEmpty
        }
        forgotten = deployment.api.requests().count
        try await endure()
    }

    /// Takes every connection that the server allows, as soon as a daemon's is ended.
    func useSlotsUp() async throws {
        var sessions: [ChildProcess] = []
        try await feels(["slots are reserved", "too many clients"]) {
            try await wait(until: "the connections are used up") {
                try await endSessions()
                sessions =
                    try sessions.filter { $0.status == nil }
                    + (0..<9).map { _ in
                        try server.client(
                            ["-c", "select pg_sleep(600)"], deployment.database, name: "chaos slot", as: role)
                    }
                try await Task.sleep(for: .milliseconds(300))
                let others = try await deployment.sql(
                    "select 1 from pg_stat_activity where application_name like 'almanac %'")
                return others.isEmpty
            }
        }
        try await endure()
        for session in sessions {
            session.signal(SIGKILL)
            try await session.end(within: patience)
        }
        // The server sees only then that nobody waits for an answer any more.
        try await deployment.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'chaos slot'")
    }

    /// Stops the server and puts back what it had some seconds before.
    func rewind() async throws {
        try await server.stop(by: SIGINT)
        try await server.copyData(to: "copy")
        try await server.start()
        try await goesOn()
        try await endure()
        try await server.stop(by: SIGINT)
        try await server.rewindData(to: "copy")
        try await server.start()
    }
}
