import RunModel

/// What SQLSTATE codes (appendix A of PostgreSQL's manual) mean to somebody who records runs.
extension StoreError {
    /// The error of a statement; `message` is the server's primary message, which names objects.
    ///
    /// Its detail, which quotes rows, is never read, and a message about the form of a value is dropped, for
    /// it quotes the value.
    init(sqlState: String, message: String) {
        let migrate = "run `almanac migrate up`"
        switch sqlState {
        case "P0001":
            self.init(
                .defect, "a trigger or a function of the database refuses it: \(message)",
                hint: "it is not one of almanac's: look at the triggers on the tables of the schema almanac")
        case "57P01", "57P02", "57P03", "57P05":
            self.init(.unreachable, "the database is shutting down or starting: \(message)")
        case _ where sqlState.hasPrefix("08"):
            self.init(.unreachable, "the connection to the database broke: \(message)")
        case "55P03", "57014":
            self.init(.busy, "the database is busy: \(message)", hint: Self.locks)
        case "40001", "40P01", "55006", "25P03", "25P04", "53200", "53300", "53400":
            self.init(.busy, "the database is busy: \(message)")
        case "53100":
            self.init(
                .refused, "the database has no space left", hint: "free some space on the database's disk")
        case "25006":
            self.init(
                .refused, "the database is read-only: \(message)",
                hint: "is it a standby, or out of space? " + ConnectionHint.severalHosts)
        case "42501":
            self.init(
                .refused, "the database's role has no right to do this: \(message)",
                hint: "see docs/records.md")
        case "3D000":
            self.init(
                .refused, message, hint: "create the database, or correct its name in the connection string")
        case _ where sqlState.hasPrefix("28"):
            self.init(.refused, message, hint: "check the user and the password of the connection string")
        case "3F000", "42P01", "42703", "42883", "42P10":
            self.init(.schema, "the database's schema does not fit this program: \(message)", hint: migrate)
        case _ where sqlState.hasPrefix("22"):
            self.init(
                .defect, "the database refused the form of a value (SQLSTATE \(sqlState))",
                hint: "this is a bug of almanac: please report it")
        default:
            self.init(
                .defect, "\(message) (SQLSTATE \(sqlState))",
                hint: "this is a bug of almanac: please report it")
        }
    }

    /// How to find who keeps us waiting.
    private static let locks =
        "who holds a lock: select pid, usename, state, left(query, 80) from pg_stat_activity"
        + " where pid in (select unnest(pg_blocking_pids(pid)) from pg_stat_activity)"

    /// The error of a connection that was not made; libpq gives no code for it.
    init(connecting message: String) {
        // The lines after the first repeat our hint.
        let line = message.split(separator: "\n").first.map(String.init) ?? ""
        if let (reason, hint) = ConnectionHint.of(line) {
            self.init(reason, line, hint: hint)
        } else if line.contains("FATAL:") || line.contains("ERROR:") {
            // Whoever answers is there.
            self.init(.unreachable, line, hint: "the server answered: its log may say more")
        } else {
            self.init(
                .unreachable, line.isEmpty ? "the database does not answer" : line,
                hint: "is PostgreSQL running, and are host and port right?")
        }
    }
}
