import Glibc
import Testing

/// A PostgreSQL server of one test, which that test may kill; it ends with the test.
final class OwnServer {
    /// Whether the tests are run where PostgreSQL is; where it must be, its absence is a failure.
    static let isWanted = ["ALMANAC_TEST_DSN", "CI", "ALMANAC_REQUIRE_POSTGRES"].contains { (name: String) in
        getenv(name).map { $0.pointee != 0 } ?? false
    }

    /// The connection string of a database of it.
    let connection: String
    private let data: String
    private let mark: String
    private let process: ProgramProcess
    private let directory: String

    private init(connection: String, data: String, mark: String, process: ProgramProcess, directory: String) {
        self.connection = connection
        self.data = data
        self.mark = mark
        self.process = process
        self.directory = directory
    }

    /// Runs `body` with a server of its own, and the deployment of `bench` with its database.
    static func with(
        _ bench: inout Bench, _ body: (inout Bench, OwnServer) async throws -> Void
    ) async throws {
        let mark = bench.directory + "/server"
        let script = """
            echo "$ALMANAC_TEST_DSN" "$ALMANAC_TEST_POSTGRES_DATA" >"$0.new" && mv "$0.new" "$0"
            while [ -e "$0" ] && kill -0 "$1" 2>&-; do sleep 0.1; done
            """
        let support = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let process = try ProgramProcess(
            ["/\(support)/Support/with-postgres", "bash", "-c", script, mark, "\(getpid())"],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], directory: bench.directory)
        try await eventually("a server is there") {
            try #require(!process.hasEnded, "\(process.errors)")
            return access(mark, R_OK) == 0
        }
        let words = textIfAny(inFile: mark).split(whereSeparator: \.isWhitespace).map(String.init)
        let server = OwnServer(
            connection: words[0], data: words[1], mark: mark, process: process, directory: bench.directory)
        bench.environment["DB_DSN"] = server.connection
        do {
            try #require(try await bench.almanac("migrate", "up").status == 0)
            try await body(&bench, server)
        } catch {
            try await server.end()
            throw error
        }
        try await server.end()
    }

    private func end() async throws {
        unlink(mark)
        _ = try await process.result()
    }

    /// Kills the server as a crash of its machine would.
    func kill() async throws {
        let id = try #require(Int32(textIfAny(inFile: data + "/postmaster.pid").split(separator: "\n")[0]))
        Glibc.kill(id, SIGKILL)
        // Its other processes end by themselves once they notice.
        try await eventually("nobody listens any more") { try await !isListening() }
    }

    /// Starts it again, with the options that it had.
    func start() async throws {
        let user = getuid() == 0 ? "runuser -u postgres --" : ""
        let script = """
            control=$(ls -d /usr/lib/postgresql/*/bin/pg_ctl | sort -V | tail -n 1)
            cd / && \(user) "$control" -D "$0" -w -t 280 -l "$0/log" -m immediate restart
            """
        let result = try await ProgramProcess(
            ["/bin/bash", "-c", script, data], environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
            directory: directory
        ).result()
        try #require(result.status == 0, "\(result.output)\(result.errors)")
    }

    /// What a statement answers, a line a row.
    @discardableResult
    func sql(_ statement: String) async throws -> [String] {
        let result = try await psql(statement)
        try #require(result.status == 0, "\(result.errors)")
        return result.output.split(separator: "\n").map(String.init)
    }

    private func isListening() async throws -> Bool {
        try await psql("select 1").status == 0
    }

    private func psql(_ statement: String) async throws -> ProgramProcess.Result {
        try await ProgramProcess(
            ["/usr/bin/psql", "-X", "-q", "-t", "-A", connection, "-c", statement],
            environment: ["PATH": "/usr/bin"], directory: directory
        ).result()
    }
}
