import BlockingThread
import Testing

@Suite("calls that wait for a busy thread")
struct BatchQueueTests {
    @Test("a call that comes alone leads at once and goes alone, as does one that comes after it was taken")
    func alone() {
        var waiting = WaitingCalls<Call, Int>()
        for caller in 1...2 {
            #expect(waiting.append(Call(), caller) == caller)
            let (batch, leader) = waiting.takeBatch()
            #expect(batch.count == 1)
            #expect(leader == nil)
        }
    }

    @Test("calls without a subject go together, in the order in which they came")
    func together() {
        var waiting = WaitingCalls<Call, Int>()
        let leaders = (0..<5).map { waiting.append(Call(number: $0), $0) }
        #expect(leaders == [0, nil, nil, nil, nil])
        #expect(waiting.count == 5)
        let (batch, leader) = waiting.takeBatch()
        #expect(batch.map(\.call.number) == [0, 1, 2, 3, 4])
        #expect(batch.map(\.caller) == [nil, 1, 2, 3, 4])
        #expect(leader == nil)
        #expect(waiting.count == 0)
    }

    @Test("a call for which a batch has no room is not overtaken, and leads the next")
    func room() {
        var waiting = WaitingCalls<Call, Int>()
        for (number, rowCount) in [500, 20, 1, 3000, 1].enumerated() {
            _ = waiting.append(Call(number: number, rowCount: rowCount), number)
        }
        var taken: [[Int]] = []
        var leaders: [Int?] = []
        for _ in 1...4 {
            let (batch, leader) = waiting.takeBatch()
            taken.append(batch.map(\.call.number))
            leaders.append(leader)
        }
        #expect(taken == [[0], [1, 2], [3], [4]])
        #expect(leaders == [1, 3, 4, nil])
    }

    @Test(
        "the leader answers the others of its batch, and a call that came after the batch was taken leads the next"
    )
    func turns() async {
        let queue = BatchQueue<Call, Int>()
        guard case .lead = await queue.turn(of: Call(number: 0)) else {
            Issue.record("the first call does not lead")
            return
        }
        await withTaskGroup(of: Int?.self) { group in
            for number in 1...10 {
                group.addTask {
                    guard case .answered(let answer) = await queue.turn(of: Call(number: number)) else {
                        return nil
                    }
                    return answer - number
                }
            }
            while queue.count < 11 { await Task.yield() }
            let batch = queue.takeBatch()
            #expect(batch[0].call.number == 0)
            #expect(batch[0].caller == nil)
            guard case .lead = await queue.turn(of: Call(number: 11)) else {
                Issue.record("a call that came later does not lead")
                return
            }
            for (call, caller) in batch.dropFirst() {
                caller?.resume(returning: .answered(call.number + 100))
            }
            for await difference in group { #expect(difference == 100) }
        }
    }
}

/// A call without a subject.
private struct Call: BatchedCall {
    var number = 0
    var rowCount = 1
    var subjects: [Never] { [] }
}
