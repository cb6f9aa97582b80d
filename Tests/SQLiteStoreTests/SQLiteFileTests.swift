import CivilTime
import Glibc
import Records
import RunModel
import RunStoreConformance
import SQLiteStore
import Synchronization
import TestFiles
import Testing

@Suite("the file of the embedded store")
struct SQLiteFileTests {
    @Test("only its owner can read the records, and what SQLite keeps beside them")
    func modes() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/runs.sqlite"
            let store = SQLiteRunStore(path: path, clock: { fixedNow })
            try await register(in: store)
            for suffix in ["", "-wal", "-shm"] {
                var status = stat()
                #expect(stat(path + suffix, &status) == 0)
                #expect(status.st_mode & 0o777 == 0o600, "the mode of the file with \(suffix)")
            }
        }
    }

    @Test(
        "another store of the process leaves the locks of the first, without which others remove what it has written"
    )
    func locks() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/runs.sqlite"
            let first = SQLiteRunStore(path: path, clock: { fixedNow })
            try await register(in: first)
            var status = stat()
            try #require(stat(path, &status) == 0)
            // A line of /proc/locks: 1: POSIX ADVISORY READ 4242 fd:01:1835 1073741826 1073742335
            func locks() throws -> Int {
                try text(ofFile: "/proc/locks").split(separator: "\n").count { line in
                    let words = line.split(separator: " ")
                    return words.contains("POSIX") && words.contains("\(getpid())")
                        && words.contains { $0.hasSuffix(":\(status.st_ino)") }
                }
            }
            let before = try locks()
            try #require(before > 0, "an open store holds its file")
            let second = SQLiteRunStore(path: path, clock: { fixedNow })
            #expect(try await second.summaries(until: fixedNow).count == 1)
            #expect(try locks() == before)
            await second.close()
            #expect(try locks() == before)
            await first.close()
        }
    }

    @Test("the columns are those of the records")
    func columns() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/runs.sqlite"
            _ = try await SQLiteRunStore(path: path, clock: { fixedNow }).migrateUp()
            let runs = try sqlite(path, "select name from pragma_table_info('runs')")
            #expect(runs.sorted() == (RunRecord.columns + ["exclusive", "fence", "lease_until"]).sorted())
            let attempts = try sqlite(path, "select name from pragma_table_info('attempts') order by cid")
            #expect(attempts == ["run_id"] + AttemptRecord.columns)
        }
    }

    @Test("a lease runs out by the clock of the host, to the microsecond")
    func lease() async throws {
        try await withTemporaryDirectory { directory in
            let now = Mutex(fixedNow)
            let store = SQLiteRunStore(path: directory + "/runs.sqlite", clock: { now.withLock { $0 } })
            try await register(in: store)
            let owned = try await store.own(StoreBench.claim())
            now.withLock { $0 = fixedNow + .seconds(59) }
            #expect(try await store.renew([owned], lease: .seconds(60)) == [])
            now.withLock { $0 = fixedNow + .seconds(119) - .microseconds(1) }
            #expect(try await takenOver(store).isEmpty)
            now.withLock { $0 = fixedNow + .seconds(119) }
            #expect(try await takenOver(store).count == 1)
        }
    }

    @Test(
        "a host that was silent for three minutes is gone, and after a month forgotten; its jobs' next are kept"
    )
    func silence() async throws {
        try await withTemporaryDirectory { directory in
            let now = Mutex(fixedNow)
            let path = directory + "/runs.sqlite"
            let store = SQLiteRunStore(path: path, clock: { now.withLock { $0 } })
            try await register(in: store)
            var heartbeat = Heartbeat(
                host: HostID("alpha/1"), instance: DaemonInstance(number: "1"), version: "1",
                startedAt: fixedNow, at: fixedNow, catalogHash: "1",
                jobs: 1, nextDue: [purge: fixedNow])
            _ = try await store.heartbeat(heartbeat)
            now.withLock { $0 = fixedNow + .seconds(179) }
            #expect(try await store.hosts().map(\.isAlive) == [true])
            now.withLock { $0 = fixedNow + .seconds(180) }
            #expect(try await store.hosts().map(\.isAlive) == [false])
            now.withLock { $0 = fixedNow + .seconds(31 * 86_400) }
            heartbeat.host = HostID("beta/1")
            heartbeat.nextDue = [:]
            #expect(try await store.heartbeat(heartbeat).map(\.host) == [heartbeat.host])
            let due = try sqlite(path, "select next_due_at from jobs")
            #expect(due == [String(fixedNow.microseconds)])
        }
    }

    @Test("a closed store opens its file again")
    func close() async throws {
        try await withTemporaryDirectory { directory in
            let store = SQLiteRunStore(path: directory + "/runs.sqlite", clock: { fixedNow })
            try await register(in: store)
            await store.close()
            #expect(try await store.summaries().map(\.job) == [purge])
        }
    }

    @Test("a store whose directory comes into being later works from then on")
    func laterDirectory() async throws {
        try await withTemporaryDirectory { directory in
            let store = SQLiteRunStore(path: directory + "/later/runs.sqlite", clock: { fixedNow })
            let error = await #expect(throws: StoreError.self) { try await store.summaries() }
            #expect(error?.reason == .refused)
            #expect(
                error?.message == "\(directory)/later/runs.sqlite cannot be opened: No such file or directory"
            )
            #expect(error?.hint?.contains("ALMANAC_STATE_DIRECTORY") == true)
            mkdir(directory + "/later", 0o700)
            let summaries = try await store.summaries()
            #expect(summaries.isEmpty)
        }
    }

    @Test("while another process writes, a call waits, and then says that the file is busy")
    func busy() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/runs.sqlite"
            let store = SQLiteRunStore(path: path, busyTimeout: .milliseconds(1), clock: { fixedNow })
            _ = try await store.migrateUp()
            try await holding(path, "begin immediate") {
                let error = await #expect(throws: StoreError.self) {
                    try await store.register(
                        [JobRegistration(job: purge, configHash: "1")], by: nil, now: fixedNow)
                }
                #expect(error?.reason == .busy)
                let summaries = try await store.summaries()
                #expect(summaries.isEmpty, "reading must not wait for a writer")
                let applied = try await store.migrateUp()
                #expect(applied == [], "nor must whoever looks whether the schema is whole")
            }
            try await register(in: store)
        }
    }

    @Test("a file that is no database is refused, and left as it is")
    func garbage() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/runs.sqlite"
            let text = String(repeating: "This is not a database. ", count: 400)
            try write(text, to: path)
            let store = SQLiteRunStore(path: path, clock: { fixedNow })
            let error = await #expect(throws: StoreError.self) { try await store.summaries() }
            #expect(error?.reason == .refused)
            #expect(error?.message == "\(path) is not a sound SQLite database")
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(Int(status.st_size) == text.utf8.count)
        }
    }

    private func takenOver(_ store: SQLiteRunStore) async throws -> [AbandonedRun] {
        try await store.takeOver(
            host: HostID("beta/1"), hostRestarted: false, except: [], lease: .seconds(60), limit: 10)
    }
}

@Suite("the schema of the embedded store")
struct SQLiteSchemaTests {
    @Test("migrations are applied once, and an audit finds them")
    func up() async throws {
        try await withTemporaryDirectory { directory in
            let store = SQLiteRunStore(path: directory + "/runs.sqlite", clock: { fixedNow })
            let names = [
                "v0001_runs", "v0002_journal", "v0003_backfill", "v0004_signatures", "v0005_launches",
                "v0008_instances", "v0009_delivering",
            ]
            #expect(
                try await store.auditMigrations() == names.map { MigrationStatus(name: $0, state: .missing) })
            #expect(try await store.migrateUp() == names)
            #expect(try await store.migrateUp() == [])
            #expect(
                try await store.auditMigrations() == names.map { MigrationStatus(name: $0, state: .applied) })
            try await store.verifyMigrations()
        }
    }

    @Test(
        "a schema that is newer, altered or without its unique indexes is refused by name",
        arguments: [
            (
                "insert into migrations values ('v9999_future', 'x', 0)", "v9999_future is newer",
                "newer almanac"
            ),
            ("update migrations set checksum = 'x'", "v0001_runs is altered", "by hand"),
            (
                "drop index runs_once", "runs_once is altered",
                "run: create unique index if not exists runs_once"
            ),
            (
                "drop index runs_one_live", "runs_one_live is altered",
                "run: create unique index if not exists runs_one_live"
            ),
        ])
    func foreign(script: String, what: String, hint: String) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/runs.sqlite"
            _ = try await SQLiteRunStore(path: path, clock: { fixedNow }).migrateUp()
            try sqlite(path, script)
            let store = SQLiteRunStore(path: path, clock: { fixedNow })
            let error = await #expect(throws: StoreError.self) { try await store.summaries() }
            #expect(error?.reason == .schema)
            #expect(error?.message.contains(what) == true)
            #expect(error?.hint?.contains(hint) == true)
            await #expect(throws: StoreError.self) { try await store.verifyMigrations() }
        }
    }
}
