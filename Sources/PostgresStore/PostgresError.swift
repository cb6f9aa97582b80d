import Records

/// What SQLSTATE codes (appendix A of PostgreSQL's manual) mean to somebody who records runs.
extension StoreError {
    /// The error of a statement; `message` is the server's primary message, which names objects.
    ///
    /// Its detail, which quotes rows, is never read, and a message about the form of a value is dropped, for
    /// it quotes the value.
    init(sqlState: String, message: String, context: String = "") {
        if let refusal = StoreError(function: context, sqlState: sqlState, message: message) {
            self = refusal
            return
        }
        let migrate = "run `almanac migrate up` and, when it has nothing to apply, `almanac migrate audit`"
        switch sqlState {
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
                .refused, Self.readOnly + message,
                hint: "is it a standby, or out of space? " + ConnectionHint.severalHosts)
        case "42501":
            self.init(
                .refused, "the database's role has no right to do this: \(message)",
                hint: "as the owner of the schema, run roles.sql of this version again: docs/records.md")
        case "3D000":
            self.init(
                .refused, message, hint: "create the database, or correct its name in the connection string")
        case _ where sqlState.hasPrefix("28"):
            self.init(.refused, message, hint: "check the user and the password of the connection string")
        case "3F000", "42P01", "42703", "42883", "42P10":
            self.init(.schema, "the database's schema does not fit this program: \(message)", hint: migrate)
        case "22012":
            // Nothing else is divided.
            self = .replaced
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

    private static let readOnly = "the database is read-only: "

    /// Whether the server refused to write at all, and not this or that.
    var isOfReadOnlyDatabase: Bool { reason == .refused && message.hasPrefix(Self.readOnly) }

    /// What a function of the database raised, which is none of ours: the schema has no trigger and no function of its own; nil
    /// for an error of our statement, and for what can happen to any statement, as a lock or a server that stops.
    ///
    /// `context` names the functions, the innermost first. Its other lines quote statements, and are not read.
    private init?(function context: String, sqlState: String, message: String) {
        guard !["08", "40", "53", "55", "57", "58", "XX"].contains(where: sqlState.hasPrefix) else {
            return nil
        }
        // `PL/pgSQL function audit_runs() line 1 at RAISE`; the language is named so in every translation.
        let lines = context.split(separator: "\n").filter { $0.contains("PL/") }
        guard let place = lines.first ?? (sqlState.hasPrefix("P0") ? "a function" : nil) else { return nil }
        // What the server itself says of the form of a value quotes the value.
        let quotes = sqlState.hasPrefix("22") && !place.contains("RAISE")
        self.init(
            .refused,
            "a trigger or a function of the database refuses it: "
                + (quotes ? "the form of a value (SQLSTATE \(sqlState))" : message),
            hint:
                "\(place) raises it, which is not one of almanac's; its triggers: select tgrelid::regclass, tgname, tgfoid::regproc from pg_trigger where not tgisinternal"
        )
    }

    /// How to find who keeps us waiting. By the time that it is asked, we wait no more: nobody is blocked, and the lock is held.
    private static let locks =
        "who holds locks, the longest first: select pid, usename, client_addr, state, xact_start, left(query, 60)"
        + " from pg_stat_activity where pid <> pg_backend_pid() and pid in (select pid from pg_locks where relation in"
        + " (select oid from pg_class where relnamespace = 'almanac'::regnamespace)) order by xact_start"

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
