import CivilTime
import JobCatalog
import RecordedLog
import RunModel
import Testing

@testable import Daemon

@Suite("what the journal says of runs")
struct RunLogTests {
    private let log = RecordedLog()
    private let start = ContinuousClock.now

    @Test("a run is a line when its turn is over")
    func single() throws {
        var runs = RunLog()
        runs.add(try run(1))
        #expect(log.lines.isEmpty)
        write(&runs, busy: 1)
        #expect(log.lines.count == 1 && log.lines[0].hasPrefix("info job-1 succeeded"))
        #expect(!runs.isHolding)
    }

    @Test("a burst is one line, which is as loud as its worst run and names the jobs that need somebody")
    func burst() throws {
        var runs = RunLog()
        for number in 0..<90 {
            runs.add(try run(number))
            write(&runs, busy: 100 - number)
        }
        for number in 90..<100 { runs.add(try run(number, .failed, .status)) }
        #expect(log.lines.isEmpty && runs.isHolding)
        write(&runs, busy: 0)
        #expect(
            log.lines == [
                "error 100 runs at once: 10 failed (status: job-90, job-91, job-92 and others), 90 succeeded; "
                    + "`almanac history` lists them occurrences=100"
            ])
    }

    @Test("occurrences of a job that were decided alike are one line, with their number and span")
    func alike() throws {
        var runs = RunLog()
        for minute in 0..<30 { runs.add(try run(1, .missed, .storeOutage, minute: minute)) }
        runs.add(try run(2, .skipped, .paused))
        runs.add(try run(1, minute: 30))
        write(&runs, busy: 1)
        #expect(log.lines.count == 3)
        #expect(
            log.lines[0].hasPrefix(
                "warning 30 occurrences of job-1 were missed: store_outage "
                    + "(schedule, due 07:33:20Z to 2026-10-26T08:02:20Z, run "))
        #expect(log.lines[1].hasPrefix("notice job-2 was skipped"))
        #expect(log.lines[2].hasPrefix("info job-1 succeeded"))
    }

    @Test("a burst of occurrences that were not run tells from when to when they were due")
    func span() throws {
        var runs = RunLog()
        for minute in 0..<30 {
            for number in 0..<40 { runs.add(try run(number, .missed, .storeOutage, minute: minute)) }
        }
        write(&runs, busy: 0)
        #expect(
            log.lines == [
                "warning 1200 runs at once: 1200 missed (store_outage: job-0, job-1, job-2 and others) "
                    + "due 07:33:20Z to 2026-10-26T08:02:20Z; `almanac history` lists them "
                    + "occurrences=1200"
            ])
    }

    @Test("a burst that goes on is counted while it does")
    func longBurst() throws {
        var runs = RunLog()
        for number in 0..<100 { runs.add(try run(number)) }
        write(&runs, busy: 50)
        write(&runs, busy: 50, at: RunLog.interval)
        #expect(log.lines.count == 1 && log.lines[0].hasPrefix("info 100 runs at once: 100 succeeded; "))
        for number in 100..<200 { runs.add(try run(number)) }
        write(&runs, busy: 0, at: RunLog.interval + .seconds(1))
        #expect(log.lines.count == 2 && log.lines[1].hasPrefix("info 100 runs at once: 100 succeeded; "))
    }

    @Test("few runs that end while many are under way are lines of their own, at most ten seconds late")
    func hanging() throws {
        var runs = RunLog()
        runs.add(try run(1))
        write(&runs, busy: 30)
        #expect(log.lines.isEmpty)
        write(&runs, busy: 30, at: RunLog.interval)
        #expect(log.lines.count == 1 && log.lines[0].hasPrefix("info job-1 succeeded"))
    }

    @Test("runs of one second are a burst, however short each is")
    func quick() throws {
        var runs = RunLog()
        for number in 0..<100 {
            runs.add(try run(number))
            write(&runs, busy: 1)
        }
        write(&runs, busy: 0)
        #expect(log.lines.count == RunLog.linesMax + 1)
        #expect(log.lines.last?.hasPrefix("info 90 runs at once: 90 succeeded; ") == true)
    }

    @Test("nothing is held back by a daemon that ends")
    func end() throws {
        var runs = RunLog()
        for number in 0..<100 { runs.add(try run(number)) }
        write(&runs, busy: 100)
        #expect(log.lines.isEmpty)
        runs.write(at: start, busy: 100, isEnd: true, to: log.logger)
        #expect(log.lines.count == 1)
    }

    private func write(_ runs: inout RunLog, busy: Int, at elapsed: Duration = .zero) {
        runs.write(at: start + elapsed, busy: busy, to: log.logger)
    }

    private func run(
        _ number: Int, _ outcome: Outcome = .succeeded, _ reason: Reason? = nil, minute: Int = 0
    ) throws -> RunRecord {
        let at = Instant(seconds: 1_793_000_000 + 60 * Int64(minute))
        return RunRecord(
            id: RunID(random: UInt128(number)), job: try #require(JobName("job-\(number)")),
            trigger: .schedule,
            scheduledFor: at, dueAt: at, state: .finished, outcome: outcome, reason: reason,
            host: HostID("a/1"),
            configHash: "1", createdAt: at, finishedAt: at)
    }
}
