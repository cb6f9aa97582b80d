/// Runs `body` with a database that is empty and its own meanwhile.
func withDatabase(_ body: (TestDatabase) async throws -> Void) async throws {
    var database = try await DatabasePool.shared.take()
    // The connections of the test before can still be on their way out.
    database.applicationName = "almanac test \(UInt32.random(in: 0 ... .max))"
    do {
        try await body(database)
    } catch {
        await DatabasePool.shared.giveBack(database)
        throw error
    }
    await DatabasePool.shared.giveBack(database)
}

/// The databases of the tests, made when they are needed and used again: dropping one costs a checkpoint.
///
/// They are left behind, under the same names in each run, for the server is a throw-away one.
private actor DatabasePool {
    static let shared = DatabasePool()

    /// The server has 100 connections, and some tests need several.
    private var unmade = (1...6).map { TestDatabase(name: "almanac_test_\($0)") }
    private var free: [TestDatabase] = []
    private var waiting: [CheckedContinuation<TestDatabase, Never>] = []

    func take() async throws -> TestDatabase {
        let database: TestDatabase
        if let next = free.popLast() {
            database = next
        } else if let next = unmade.popLast() {
            let server = TestServer.connectionString(database: nil)
            try query(server, "drop database if exists \(next.name) with (force)")
            try query(server, "create database \(next.name)")
            return next
        } else {
            database = await withCheckedContinuation { waiting.append($0) }
        }
        try database.sql("drop schema if exists almanac cascade")
        try database.sql("alter database \(database.name) reset all")
        return database
    }

    func giveBack(_ database: TestDatabase) {
        if waiting.isEmpty {
            free.append(database)
        } else {
            waiting.removeFirst().resume(returning: database)
        }
    }
}
