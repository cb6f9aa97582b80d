import Records
import Testing

@testable import PostgresStore

@Suite("what PostgreSQL's errors mean")
struct PostgresErrorTests {
    @Test(
        "each SQLSTATE has a reason and a text",
        arguments: [
            (
                "57P01", "terminating connection", StoreError.Reason.unreachable,
                "the database is shutting down or starting: terminating connection"
            ),
            ("08006", "gone", .unreachable, "the connection to the database broke: gone"),
            ("40P01", "deadlock detected", .busy, "the database is busy: deadlock detected"),
            ("55P03", "lock timeout", .busy, "the database is busy: lock timeout"),
            ("57014", "statement timeout", .busy, "the database is busy: statement timeout"),
            ("53300", "too many clients", .busy, "the database is busy: too many clients"),
            ("53100", "could not extend file", .refused, "the database has no space left"),
            ("25006", "cannot execute INSERT", .refused, "the database is read-only: cannot execute INSERT"),
            (
                "42501", "permission denied for schema almanac", .refused,
                "the database's role has no right to do this: permission denied for schema almanac"
            ),
            ("3D000", "database \"x\" does not exist", .refused, "database \"x\" does not exist"),
            ("28P01", "password authentication failed", .refused, "password authentication failed"),
            (
                "42P01", "relation \"almanac.runs\" does not exist", .schema,
                "the database's schema does not fit this program: relation \"almanac.runs\" does not exist"
            ),
            (
                "22P02", "invalid input syntax for type uuid: \"s3cret\"", .defect,
                "the database refused the form of a value (SQLSTATE 22P02)"
            ),
            (
                "23514", "new row violates check constraint \"runs_finished\"", .defect,
                "new row violates check constraint \"runs_finished\" (SQLSTATE 23514)"
            ),
        ])
    func states(state: String, text: String, reason: StoreError.Reason, message: String) {
        let error = StoreError(sqlState: state, message: text)
        #expect(error.reason == reason)
        #expect(error.message == message)
    }

    @Test(
        "what a function of the database raises is refused in its words, whatever its SQLSTATE; the rest stays what it is",
        arguments: [
            ("P0001", raising, StoreError.Reason.refused, "refuses it: not today"),
            ("23514", raising, .refused, "refuses it: not today"),
            ("22023", raising, .refused, "refuses it: not today"),
            ("25006", raising, .refused, "refuses it: not today"),
            ("42P01", "SQL statement \"insert into log\"\n" + inserting, .refused, "refuses it: not today"),
            ("22P02", inserting, .refused, "refuses it: the form of a value (SQLSTATE 22P02)"),
            ("P0001", "", .refused, "refuses it: not today"),
            ("57P01", raising, .unreachable, "shutting down"), ("40P01", inserting, .busy, "busy"),
            ("53100", inserting, .refused, "no space left"),
            ("23514", "JSON data, line 1", .defect, "not today (SQLSTATE 23514)"),
        ])
    func functions(state: String, context: String, reason: StoreError.Reason, message: String) {
        let error = StoreError(sqlState: state, message: "not today", context: context)
        #expect(error.reason == reason)
        #expect(error.message.contains(message), "\(error.message)")
        #expect(error.hint?.contains("bug of almanac") != (reason == .refused))
    }

    private static let raising = "PL/pgSQL-Funktion audit() Zeile 1 bei RAISE"
    private static let inserting = "PL/pgSQL function audit() line 3 at SQL statement"

    @Test(
        "a connection that is not made has a reason, although libpq gives no code",
        arguments: [
            ("FATAL:  password authentication failed for user \"a\"\n", StoreError.Reason.refused),
            ("fe_sendauth: no password supplied\n", .refused),
            ("FATAL:  no pg_hba.conf entry for host \"10.0.0.1\"\n", .refused),
            ("FATAL:  database \"x\" does not exist\n", .refused),
            ("FATAL:  role \"x\" does not exist\n", .refused),
            ("connection to server at \"10.0.0.1\", port 5432 failed: session is read-only\n", .refused),
            ("connection to server at \"h\", port 5432 failed: server is in hot standby mode\n", .refused),
            ("Connection refused\n\tIs the server running on that host?\n", .unreachable),
            ("FATAL:  sorry, too many clients already\n", .busy), ("", .unreachable),
        ])
    func connecting(text: String, reason: StoreError.Reason) {
        let error = StoreError(connecting: text)
        #expect(error.reason == reason)
        #expect(!error.message.isEmpty)
        #expect(!error.message.contains("\n"))
        #expect(error.hint?.isEmpty == false)
    }

    @Test(
        "a connection string that cannot be read is refused without a word of it",
        arguments: [
            "postgres://someone:s3c@cret@host/db", "postgres://someone:s3c/cret@host/db",
            "postgres://someone:s3c%cret@host/db", "password=s3c cret host=x", "hostt=s3ccret", "s3ccret",
            "postgres://someone:s3c@cret@host:port/db", "postgres://someone:s3c:cret@[::1/db",
        ])
    func unreadable(text: String) {
        let error = #expect(throws: StoreError.self) { try ConnectionString(text) }
        #expect(error?.reason == .refused)
        #expect(error?.message == "the connection string of the database cannot be read")
        #expect(error?.hint?.contains("%40") == true)
    }

    @Test(
        "a connection string that libpq can read is passed on as it is",
        arguments: [
            "", "host=/run/postgresql dbname=almanac", "postgres://someone@host/db",
            "postgresql://a:p%40ss@h1:5432,h2:5433/db?target_session_attrs=read-write&sslmode=verify-full",
            "postgres://someone:secret@[::1]:6543/postgres?sslmode=require",
        ])
    func readable(text: String) throws {
        #expect(try ConnectionString(text).text == text)
    }

    @Test("a password that an error quotes is masked")
    func masking() throws {
        let string = try ConnectionString("postgres://a:p%40ss@host/db")
        #expect(string.masking("cannot use p@ss at p@ss:5432") == "cannot use *** at ***:5432")
        #expect(try ConnectionString("host=x").masking("as it is") == "as it is")
    }

    @Test(
        "what servers, poolers and libpq say has a cause and a next step",
        arguments: [
            ("FATAL:  Tenant or user not found", "postgres.PROJECT"),
            ("FATAL:  MaxClientsInSessionMode: max clients reached - in Session mode", "raise the limit"),
            ("FATAL:  no more connections allowed (max_client_conn)", "raise the limit"),
            (
                "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
                "raise the limit"
            ),
            ("FATAL:  too many connections for role \"almanac\"", "raise the limit"),
            ("FATAL:  role \"reader\" is not permitted to log in", "alter role NAME login"),
            ("FATAL:  unsupported startup parameter: search_path", "ignore_startup_parameters"),
            ("FATAL:  SASL authentication failed", "the password"),
            ("connection to server at \"2a05::1\", port 5432 failed: Network is unreachable", "IPv6"),
            ("could not translate host name \"db\" to address: Name or service not known", "DNS"),
            ("FATAL:  something nobody has seen", "the server answered"),
        ])
    func hints(text: String, hint: String) {
        #expect(StoreError(connecting: text + "\n").hint?.contains(hint) == true)
    }

    @Test(
        "a connection string that cannot be read says why, and is not quoted",
        arguments: [
            ("postgresql+asyncpg://u:s3cret@h/d", "write postgresql://"),
            ("postgresql://u:s3cret@h/d?pgbouncer=true", "leave them out"),
            ("postgresql://u:s3cret@h/d?schema=public", "leave them out"),
            ("\"postgresql://u:s3cret@h/d\"", "quotation marks"),
            ("\u{feff}postgresql://u:s3cret@h/d", "byte-order mark"),
            ("postgresql://u:s3cret@h:54a/d", "%40"),
        ])
    func strings(text: String, hint: String) {
        do throws(StoreError) {
            _ = try ConnectionString(text)
            Issue.record("it is read")
        } catch {
            #expect(error.hint?.contains(hint) == true, "\(error.hint ?? "")")
            #expect(!"\(error.message) \(error.hint ?? "")".contains("s3cret"))
        }
    }

    @Test("blanks and a line feed at the end of a connection string, as of a file, are left out")
    func trailing() throws {
        #expect(try ConnectionString("postgresql://u:p@h/d\n").place == "d@h")
    }
}
