import BlockingThread
import CivilTime
import Records
import RunModel
import Testing

@testable import PostgresStore

@Suite("calls that wait for a transaction")
struct WriteQueueTests {
    @Test("a call that comes alone leads at once and goes alone, as does one that comes after it was taken")
    func alone() {
        var waiting = WaitingCalls<Write, Int>()
        for caller in 1...2 {
            #expect(waiting.append(claim("purge"), caller) == caller)
            let (batch, leader) = waiting.takeBatch()
            #expect(batch.count == 1)
            #expect(leader == nil)
        }
    }

    @Test(
        "calls that come while another leads wait, and go with it when they have nothing to do with each other"
    )
    func together() {
        var waiting = WaitingCalls<Write, Int>()
        let writes = [claim("purge"), claim("refresh"), finish("third"), record(["fourth", "fifth"])]
        let leaders = writes.enumerated().map { waiting.append($1, $0) }
        #expect(leaders == [0, nil, nil, nil])
        let (batch, leader) = waiting.takeBatch()
        #expect(batch.map(\.caller) == [nil, 1, 2, 3])
        #expect(leader == nil)
    }

    @Test(
        "a second claim of a job, and what comes after it of the same job or run, waits for the next, and keeps its order"
    )
    func conflicts() {
        var waiting = WaitingCalls<Write, Int>()
        let writes = [
            claim("purge", at: 0), claim("purge", at: 60), claim("refresh"), record(["purge"]),
            finish("refresh"),
            finish("third"),
        ]
        for (caller, write) in writes.enumerated() { _ = waiting.append(write, caller) }
        var taken: [[Int]] = []
        var leaders: [Int?] = []
        var first = 0
        for _ in 1...3 {
            let (batch, leader) = waiting.takeBatch()
            taken.append(batch.map { $0.caller ?? first })
            leaders.append(leader)
            first = leader ?? first
        }
        #expect(taken == [[0, 2, 5], [1, 4], [3]])
        #expect(leaders == [1, 3, nil])
    }

    @Test("a batch has its limit, and a call that is larger goes alone")
    func limit() {
        var waiting = WaitingCalls<Write, Int>()
        _ = waiting.append(record((0..<2000).map { "large-\($0)" }), 0)
        for number in 1...1000 { _ = waiting.append(claim("job-\(number)"), number) }
        let counts = (1...3).map { _ in waiting.takeBatch().batch.count }
        #expect(counts == [1, 512, 488])
    }

    private func claim(_ name: String, at seconds: Int64 = 0) -> Write {
        Write(Claim(run: run(of: name, at: seconds), isExclusive: true, lease: .seconds(60)))
    }

    private func finish(_ name: String) -> Write {
        Write(.finish, of: OwnedRun(id: run(of: name).id, fence: 1), [], [], nil)
    }

    private func record(_ names: [String]) -> Write {
        Write(recording: names.map { run(of: $0, at: 120) })
    }

    private func run(of name: String, at seconds: Int64 = 0) -> RunRecord {
        guard let job = JobName(name) else { preconditionFailure("\(name) is no job's name") }
        let at = Instant(seconds: 1_795_392_600 + seconds)
        return RunRecord(
            id: RunID(job: job, scheduledFor: at), job: job, trigger: .schedule, scheduledFor: at, dueAt: at,
            state: .claimed, host: HostID("alpha/1"), configHash: "1", createdAt: at)
    }
}
