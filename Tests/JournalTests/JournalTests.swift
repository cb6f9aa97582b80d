import CivilTime
import Glibc
import Journal
import Records
import RunEngine
import RunModel
import SQLiteStore
import Synchronization
import TestFiles
import Testing

/// Runs `body` with the path of a file in a fresh directory, which is removed afterwards.
private func withFile<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    try await withTemporaryDirectory { try await body($0 + "/almanac.db") }
}

private func operation(_ payload: String, of run: Int? = nil) -> JournalledOperation {
    JournalledOperation(
        owned: run.map { OwnedRun(id: RunID(random: UInt128($0)), fence: 0) },
        recordedAt: OutageBench.midnight, version: 1, payload: payload)
}

/// What every journal does, as a program.
private func checkJournal(_ journal: any OperationJournal) async throws {
    #expect(try await journal.backlog() == JournalBacklog(count: 0, oldestAt: nil))
    let numbers = [
        try await journal.append(operation("a")), try await journal.append(operation("b", of: 1)),
        try await journal.append(operation("c", of: 2)), try await journal.append(operation("d", of: 1)),
    ]
    #expect(numbers == numbers.sorted() && Set(numbers).count == 4 && numbers[0] >= 1)
    #expect(try await journal.backlog() == JournalBacklog(count: 4, oldestAt: OutageBench.midnight))
    #expect(
        try await journal.entries(after: 0, limit: 2).map(\.operation) == [
            operation("a"), operation("b", of: 1),
        ])
    #expect(try await journal.entries(after: numbers[2], limit: 2).map(\.number) == [numbers[3]])
    try await journal.remove(through: numbers[0], settingAside: [:])
    try await journal.remove(through: numbers[0], settingAside: [:])
    #expect(try await journal.entries(after: 0, limit: 9).map(\.number) == Array(numbers.dropFirst()))
    try await journal.remove(through: numbers[2], settingAside: [numbers[2]: "nobody wants it"])
    #expect(try await journal.entries(after: 0, limit: 9).map(\.number) == [numbers[3]])
    #expect(try await journal.backlog().count == 1)
    try await journal.remove(through: numbers[3], settingAside: [:])
    #expect(try await journal.append(operation("e")) > numbers[3], "a number was given twice")
}

@Suite("a journal")
struct JournalTests {
    @Test("the file of this host keeps the contract of journals")
    func file() async throws {
        try await withFile { path in
            try await checkJournal(SQLiteRunStore(path: path, clock: { OutageBench.midnight }))
        }
    }

    @Test("a file that was removed is made anew when nothing waits in it, and its numbers go on")
    func removedFile() async throws {
        try await withFile { path in
            let count = Mutex(0)
            let journal = SQLiteRunStore(
                path: path, clock: { OutageBench.midnight }, madeAnew: { count.withLock { $0 += 1 } })
            _ = try await journal.append(operation("a"))
            let last = try await journal.append(operation("b"))
            unlink(path)
            // Something waits in it.
            await #expect(throws: StoreError.self) { try await journal.append(operation("c")) }
            #expect(count.withLock { $0 } == 0)
            await journal.close()

            _ = try await journal.append(operation("a"))
            let number = try await journal.append(operation("b"))
            try await journal.remove(through: number, settingAside: [:])
            unlink(path)
            let next = try await journal.append(operation("c"))
            #expect((last, next) == (number, number + 1))
            #expect(count.withLock { $0 } == 1)
            let other = SQLiteRunStore(path: path, clock: { OutageBench.midnight })
            #expect(try await other.entries(after: number, limit: 9).map(\.number) == [next])
        }
    }

    @Test("the journal of the tests keeps the contract of journals")
    func memory() async throws {
        try await checkJournal(MemoryJournal())
    }

    @Test("every operation comes out of the file as it went in, also in the next daemon")
    func wholeFile() async throws {
        try await withFile { path in
            let bench = OutageBench(journal: SQLiteRunStore(path: path, clock: { OutageBench.midnight }))
            let store = try await bench.start()
            try await bench.beginOutage(of: store)
            for number in 0..<3 as Range<Int64> {
                try await bench.complete(OutageBench.claim(number), in: store)
            }
            _ = try await store.register(OutageBench.jobs, by: OutageBench.host, now: bench.now)
            bench.storeFaults.heal()
            let next = try await bench.start()
            #expect(next.status == JournalStatus(policy: .run))
            #expect(bench.news.withLock { $0 }.last == .delivered(10))
            let direct = OutageBench()
            let other = try await direct.start()
            for number in 0..<3 as Range<Int64> {
                try await direct.complete(OutageBench.claim(number), in: other)
            }
            #expect(try await bench.rows() == direct.rows())
        }
    }

    @Test("what cannot be journalled is not answered as done, and is when there is space again")
    func fullDisk() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        bench.journalFaults.setAway(
            true, StoreError(.refused, "there is no space left", hint: "free some space"))
        let error = await #expect(throws: StoreError.self) {
            try await store.claim(OutageBench.claim())
        }
        #expect(error?.description == "the journal cannot be used: there is no space left")
        #expect(error?.hint == "free some space")
        #expect(!store.status.isBridging)
        #expect(store.status.backlog == JournalBacklog(count: 0, oldestAt: nil))
        await #expect(throws: StoreError.self) { try await store.summaries(until: .latest) }
        bench.journalFaults.heal()
        #expect(try await bench.complete(OutageBench.claim(), in: store))
        #expect(store.status.isBridging)
        #expect(bench.news.withLock { $0 }.count == 2)
    }

    @Test("a disk that is full keeps no host from a store that is back, and is tidied up later")
    func fullDiskAtDelivery() async throws {
        let bench = OutageBench(journal: KeepingJournal())
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        #expect(try await bench.complete(OutageBench.claim(0), in: store))
        bench.storeFaults.heal()
        #expect(await !store.recover())
        #expect(store.status.outageSince == nil)
        #expect(store.status.backlog.count == 0)
        #expect(store.status.journalError != nil)
        #expect(try await bench.complete(OutageBench.claim(1), in: store))
        let rows = try await bench.rows()
        #expect(rows.map(\.record.outcome) == [.succeeded, .succeeded])
        // Another outage delivers what is new alone, and the next daemon finds that all is known.
        try await bench.beginOutage(of: store)
        #expect(try await bench.complete(OutageBench.claim(2), in: store))
        bench.storeFaults.heal()
        #expect(await !store.recover())
        let next = try await bench.start()
        #expect(next.status.setAside == 0)
        #expect(try await bench.rows().count == 3)
    }
}

/// A journal that takes operations and gives none up.
private actor KeepingJournal: OperationJournal {
    private let journal = MemoryJournal()

    func append(_ operation: JournalledOperation) async throws(StoreError) -> Int64 {
        try await journal.append(operation)
    }
    func entries(after number: Int64, limit: Int) async throws(StoreError) -> [JournalEntry] {
        try await journal.entries(after: number, limit: limit)
    }
    func backlog() async throws(StoreError) -> JournalBacklog { try await journal.backlog() }
    func remove(through number: Int64, settingAside problems: [Int64: String]) throws(StoreError) {
        throw StoreError(.refused, "there is no space left")
    }
}
