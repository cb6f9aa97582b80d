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

    /// A server that follows this one, and may take its place.
    struct Standby {
        /// The connection string of it.
        let connection: String
        /// The connection string of it and the primary.
        let withPrimary: String
        fileprivate let directory: String

        /// What a statement answers, a line a row.
        @discardableResult
        func sql(_ statement: String) async throws -> [String] {
            let result = try await asking(connection, statement, in: directory)
            try #require(result.status == 0, "\(result.errors)")
            return result.output.split(separator: "\n").map(String.init)
        }
    }

    /// Runs `body` with a standby, which ends with it.
    func withStandby(_ body: (Standby) async throws -> Void) async throws {
        let mark = directory + "/standby"
        let script = """
            binaries=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
            data=${3%/data}/standby; as=; [ "$(id -u)" != 0 ] || as='runuser -u postgres --'; cd /
            stop() { $as "$binaries/pg_ctl" -D "$data" -m immediate stop >&2 || true; }
            trap stop EXIT
            $as "$binaries/pg_basebackup" -d "$2" -D "$data" -R -X stream -c fast >&2 || exit
            for attempt in 1 2 3 4 5; do
                port=$((20000 + RANDOM % 12000))
                $as "$binaries/pg_ctl" -D "$data" -w -l "$data/log" -o "-p $port -c listen_addresses=127.0.0.1 \
                    -c unix_socket_directories=$data -c max_connections=200" start >&2 && break
            done
            echo "$port" >"$0.new" && mv "$0.new" "$0"
            while [ -e "$0" ] && kill -0 "$1" 2>&-; do sleep 0.1; done
            """
        let process = try ProgramProcess(
            ["/bin/bash", "-c", script, mark, "\(getpid())", connection, data],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], directory: directory)
        try await eventually("a standby is there") {
            try #require(!process.hasEnded, "\(process.errors)")
            return access(mark, R_OK) == 0
        }
        let port = textIfAny(inFile: mark).prefix(while: \.isNumber)
        let own = try #require(connection.firstMatch(of: /:(\d+)\//)).output.1
        let standby = Standby(
            connection: connection.replacing(":\(own)/", with: ":\(port)/") + "?sslmode=disable",
            withPrimary: connection.replacing(
                "127.0.0.1:\(own)/", with: "127.0.0.1:\(port),127.0.0.1:\(own)/") + "?sslmode=disable",
            directory: directory)
        do {
            try await body(standby)
        } catch {
            unlink(mark)
            _ = try await process.result()
            throw error
        }
        unlink(mark)
        _ = try await process.result()
    }

    private func isListening() async throws -> Bool {
        try await psql("select 1").status == 0
    }

    private func psql(_ statement: String) async throws -> ProgramProcess.Result {
        try await asking(connection, statement, in: directory)
    }
}

private func asking(
    _ connection: String, _ statement: String, in directory: String
) async throws -> ProgramProcess.Result {
    try await ProgramProcess(
        ["/usr/bin/psql", "-X", "-q", "-t", "-A", connection, "-c", statement],
        environment: ["PATH": "/usr/bin"], directory: directory
    ).result()
}
