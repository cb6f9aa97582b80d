import Records

/// What servers, poolers and libpq say when a connection is not made, what it means, and what to do about it.
///
/// The first line that fits counts. Texts are those of PostgreSQL, PgBouncer, Supabase's pooler and libpq, in English; in another
/// language the error is an unreachable server, which is asked again.
enum ConnectionHint {
    private struct Line {
        var words: [String]
        var reason: StoreError.Reason
        var hint: String

        init(_ words: String..., reason: StoreError.Reason = .refused, hint: String) {
            self.words = words
            self.reason = reason
            self.hint = hint
        }
    }

    static let severalHosts =
        "to find the primary, name all hosts in the connection string, with target_session_attrs=read-write"
    private static let fewer =
        "let other clients close theirs, or raise the limit of the pooler or the server; each almanac needs three"

    private static let lines = [
        Line(
            "enant or user not found",
            hint:
                "a pooler finds the database by the user: write it as the provider shows it, like postgres.PROJECT"
        ),
        Line("not permitted to log in", hint: "let the role log in: alter role NAME login"),
        Line(
            "unsupported startup parameter",
            hint:
                "the pooler does not know it: leave it and options= out, or add it to its ignore_startup_parameters"
        ),
        Line("authentication failed", hint: "check the user and the password of the connection string"),
        Line("no password supplied", hint: "write the password into the connection string"),
        Line("max client", reason: .busy, hint: fewer), Line("MaxClients", reason: .busy, hint: fewer),
        Line("max_client_conn", reason: .busy, hint: fewer), Line("too many c", reason: .busy, hint: fewer),
        Line("connection slots are reserved", reason: .busy, hint: fewer),
        Line(
            "certificate verify failed",
            hint: "sslrootcert= must name the file of the authority that signed the server's certificate"),
        Line("does not match host name", hint: "connect to a name that the server's certificate holds"),
        Line("root certificate file", hint: "sslrootcert= must name a file that exists"),
        Line(
            "does not support SSL",
            hint:
                "switch TLS on in the server; without it the password and the records can be read on the way"),
        Line(
            "pg_hba.conf", "no encryption",
            hint: "the server's pg_hba.conf must let this host in; if it wants TLS, write sslmode=verify-full"
        ),
        Line("pg_hba.conf", hint: "the server's pg_hba.conf must let this host in"),
        Line("session is read-only", hint: "it is not the primary, or was set read-only; " + severalHosts),
        Line(
            "server is in hot standby mode",
            hint: "it is not the primary, or was set read-only; " + severalHosts),
        Line("does not exist", hint: "create it, or correct its name in the connection string"),
        Line("starting up", reason: .unreachable, hint: "it comes by itself; its log says how far it is"),
        Line("shutting down", reason: .unreachable, hint: "somebody stops it, or it is being replaced"),
        Line(
            "Network is unreachable", reason: .unreachable,
            hint:
                "this host has no way there: a name that has only an IPv6 address needs IPv6 here, or the provider's pooler, which has IPv4"
        ),
        Line(
            "could not translate host name", reason: .unreachable,
            hint: "the name of the host is not known here: is it spelled right, and does DNS answer?"),
        Line(
            "Connection refused", reason: .unreachable,
            hint: "nothing listens there: is PostgreSQL running, and are host and port right?"),
        Line(
            "timeout expired", reason: .unreachable,
            hint: "nothing answered: is a firewall between, and are host and port right?"),
    ]

    /// What a message means; nil when it fits no line.
    static func of(_ message: String) -> (reason: StoreError.Reason, hint: String)? {
        lines.first { $0.words.allSatisfy(message.contains) }.map { ($0.reason, $0.hint) }
    }

    /// What is wrong with a connection string that cannot be read; nil when that is not known. Nothing of it is quoted.
    static func ofString(_ text: String) -> String? {
        let first = text.unicodeScalars.first
        if first == "\u{feff}" {
            return "it begins with a byte-order mark: write the file as UTF-8 without one"
        }
        if first == "\"" || first == "'" { return "it stands in quotation marks: leave them out" }
        if text.contains(where: \.isNewline) { return "there is a line break in it: write it on one line" }
        if text.contains("pgbouncer=") || text.contains("connection_limit=") || text.contains("schema=") {
            return "pgbouncer=, connection_limit= and schema= are of another library: leave them out"
        }
        for scheme in ["postgresql+", "postgres+"] where text.hasPrefix(scheme) {
            return "the driver behind + is of another library: write postgresql://"
        }
        return nil
    }
}
