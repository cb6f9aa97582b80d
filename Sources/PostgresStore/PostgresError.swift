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
        case "57P01", "57P02", "57P03", "57P05":
            self.init(.unreachable, "the database is shutting down or starting: \(message)")
        case _ where sqlState.hasPrefix("08"):
            self.init(.unreachable, "the connection to the database broke: \(message)")
        case "40001", "40P01", "55P03", "55006", "57014", "25P03", "25P04", "53200", "53300", "53400":
            self.init(.busy, "the database is busy: \(message)")
        case "53100":
            self.init(
                .refused, "the database has no space left", hint: "free some space on the database's disk")
        case "25006":
            self.init(
                .refused, "the database is read-only: \(message)",
                hint: "is it a standby, or out of space? " + Self.severalHosts)
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

    /// The error of a connection that was not made; libpq gives no code for it.
    init(connecting message: String) {
        // The lines after the first repeat our hint.
        let line = message.split(separator: "\n").first.map(String.init) ?? ""
        // The server's own words, in English; in another language the error is an unreachable server, tried
        // again.
        if line.contains("authentication failed") || line.contains("no password supplied") {
            self.init(.refused, line, hint: "check the user and the password of the connection string")
        } else if let hint = Self.hint(onTLS: line) {
            self.init(.refused, line, hint: hint)
        } else if line.contains("pg_hba.conf") {
            self.init(.refused, line, hint: "the server's pg_hba.conf must let this host in")
        } else if line.hasSuffix("session is read-only") || line.hasSuffix("server is in hot standby mode") {
            self.init(
                .refused, line,
                hint: "it is not the primary, or was set read-only; " + Self.severalHosts)
        } else if line.hasSuffix("does not exist") {
            self.init(.refused, line, hint: "create it, or correct its name in the connection string")
        } else {
            self.init(
                .unreachable, line.isEmpty ? "the database does not answer" : line,
                hint: "is PostgreSQL running, and are host and port right?")
        }
    }

    private static let severalHosts =
        "to find the primary, name all hosts in the connection string, with target_session_attrs=read-write"

    /// What to do about a connection that was not made for its encryption; nil when that was not the reason.
    private static func hint(onTLS line: String) -> String? {
        if line.contains("certificate verify failed") {
            "sslrootcert= must name the file of the authority that signed the server's certificate"
        } else if line.contains("does not match host name") {
            "connect to a name that the server's certificate holds"
        } else if line.contains("root certificate file") {
            "sslrootcert= must name a file that exists"
        } else if line.contains("does not support SSL") {
            "switch TLS on in the server; without it the password and the records can be read on the way"
        } else if line.contains("pg_hba.conf"), line.contains("no encryption") {
            "the server's pg_hba.conf must let this host in; if it wants TLS, write sslmode=verify-full"
        } else {
            nil
        }
    }
}
