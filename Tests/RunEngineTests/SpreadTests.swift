import CivilTime
import RunEngine
import RunModel
import Testing

@Suite struct SpreadTests {
    @Test("a delay is the same in every process and within its bounds")
    func pinned() throws {
        let job = try #require(JobName("purge"))
        #expect(Spread.jitter(.zero, job: job, scheduledFor: at(0)) == .zero)
        let delay = Spread.jitter(.seconds(3600), job: job, scheduledFor: at(0))
        #expect(delay == Spread.jitter(.seconds(3600), job: job, scheduledFor: at(0)))
        #expect(delay == .microseconds(1544220891))
        let id = RunID(job: job, scheduledFor: at(0))
        #expect(
            (2...8).map { Spread.backoff(.seconds(1) ... .seconds(20), run: id, attempt: $0) }.allSatisfy {
                .seconds(1) ... .seconds(20) ~= $0
            })
        #expect(Spread.backoff(.seconds(30) ... .seconds(30), run: id, attempt: 5) == .seconds(30))
        for attempt in [-1, 0, 1] {
            #expect(Spread.backoff(.seconds(1) ... .seconds(20), run: id, attempt: attempt) == .seconds(1))
        }
        #expect(
            Spread.backoff(.seconds(86_400) ... .seconds(86_400 * 366), run: id, attempt: .max)
                <= .seconds(86_400 * 366))
    }

    @Test("the upper bound of a wait doubles")
    func doubling() throws {
        let job = try #require(JobName("purge"))
        for attempt in 2...6 {
            let waits = (0..<400).map {
                Spread.backoff(
                    .seconds(1) ... .seconds(1000), run: RunID(job: job, scheduledFor: at(Double($0))),
                    attempt: attempt)
            }
            let bound = Duration.seconds(1 << (attempt - 1))
            #expect(waits.allSatisfy { $0 >= .seconds(1) && $0 <= bound })
            #expect(try #require(waits.max()) > bound * 0.9)
        }
    }

    @Test("the delays of many jobs are spread evenly")
    func even() throws {
        var cells = [Int](repeating: 0, count: 100)
        for number in 0..<10_000 {
            let delay = Spread.jitter(
                .microseconds(999_999), job: try #require(JobName("job-\(number)")), scheduledFor: at(0))
            cells[Int(delay.wholeMicroseconds / 10_000)] += 1
        }
        // χ² with 99 degrees of freedom is below 149 in 999 of 1000 cases.
        let chiSquare = cells.reduce(0.0) { $0 + Double(($1 - 100) * ($1 - 100)) / 100 }
        #expect(chiSquare < 149)
    }
}
