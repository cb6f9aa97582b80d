import Glibc

/// How long it takes until the runs of many jobs that are due at one instant are sent and recorded.
enum BurstBenchmark {
    static func run(_ arguments: ArraySlice<String>) {
        let measurement = ProgramMeasurement(
            "burst", arguments, jobs: [10_000], repeats: 5, seconds: 0, stores: StoreKind.allCases)
        measurement.printHead(
            "many jobs due at one instant",
            method: """
                N jobs in one file, each due once, at the same second; an API that answers at once
                           (1 thread of this program). Seconds after that instant: the API reads the first and the
                           last request; the store holds all N runs as finished. Processor time and memory: of the
                           daemon; the peak since its start.
                """)
        do {
            for kind in measurement.stores {
                for count in measurement.jobs {
                    var figures = Figures()
                    for _ in 1...measurement.repeats { try figures.add(measurement.program, kind, count) }
                    figures.printTable("\(kind.name), \(count) jobs")
                }
            }
        } catch {
            Terminal.fail("\(error)")
        }
        measurement.printEnd()
    }

    private struct Figures {
        var first = Sample()
        var last = Sample()
        var recorded = Sample()
        var processor = Sample()
        var peak = Sample()
        var serving = Sample()

        mutating func add(_ program: String, _ kind: StoreKind, _ count: Int) throws {
            // A machine that is busy may take longer to load the jobs than they leave it.
            for lead in [4.0, 12, 40].map({ Duration.seconds($0 + Double(count) / 2000) }) {
                if try add(program, kind, count, lead: lead) { return }
            }
            throw Trouble("the daemon takes too long to load \(count) jobs for them to be due after that")
        }

        /// Measures once with jobs that are due so long after the start; false when that is too soon.
        private mutating func add(
            _ program: String, _ kind: StoreKind, _ count: Int, lead: Duration
        ) throws -> Bool {
            let api = try QuickAPI()
            defer { api.stop() }
            let due = WallTime(second: (WallTime.now + lead).second)
            let daemon = try MeasuredDaemon(
                program, kind, api: api, lines: BurstBenchmark.lines(count, dueAt: due))
            defer { daemon.stop() }
            _ = try daemon.waitUntilReady()
            guard due - WallTime.now > .milliseconds(500) else { return false }
            (due + .milliseconds(-200)).sleep()
            let before = try daemon.processorTime()
            let end = try recorded(daemon, api, count)
            let used = try daemon.processorTime() - before
            let memory = try daemon.memory()
            let arrivals = api.arrivals()
            guard let earliest = arrivals.min(), let latest = arrivals.max(), arrivals.count == count else {
                throw Trouble("\(arrivals.count) requests came of \(count) runs")
            }
            first.add(earliest - due, in: .seconds(1))
            last.add(latest - due, in: .seconds(1))
            recorded.add(end - due, in: .seconds(1))
            processor.add(used, in: .seconds(1))
            peak.add(memory.peak)
            serving.add(api.processorTime, in: .seconds(1))
            return true
        }

        /// Waits until all runs have ended in the store, and answers when that was.
        private func recorded(_ daemon: MeasuredDaemon, _ api: QuickAPI, _ count: Int) throws -> WallTime {
            var pause = Duration.milliseconds(10)
            // The store is asked only once everything was sent, so that the questions cost next to nothing.
            let isSent = try holds(within: MeasuredDaemon.patience, every: pause) {
                try daemon.checkThatItLives()
                return api.count >= count
            }
            guard isSent else { throw Trouble("\(api.count) requests came of \(count) runs") }
            var end = WallTime.now
            let isRecorded = try holds(within: MeasuredDaemon.patience, every: pause) {
                let asked = WallTime.now
                let finished = try daemon.store.finished()
                end = .now
                pause = max(.milliseconds(10), (end - asked) * 5)
                return finished >= count
            }
            let succeeded = try daemon.store.succeeded()
            guard isRecorded, succeeded == count else {
                throw Trouble("\(succeeded) of \(count) runs are recorded as succeeded")
            }
            return end
        }

        func printTable(_ title: String) {
            Terminal.table(
                title,
                [
                    ["first request, s", first.text(3)],
                    ["last request, s", last.text(2)],
                    ["all recorded, s", recorded.text(2)],
                    ["processor time, s", processor.text(2)],
                    ["peak resident, MiB", peak.text(1)],
                    ["processor time of the API, s", serving.text(2)],
                ])
        }
    }

    /// So many jobs that are due at one instant, and not again for a day.
    private static func lines(_ count: Int, dueAt due: WallTime) -> [String] {
        let second = due.second % 86_400
        let schedule = "\(second % 60) \(second / 60 % 60) \(second / 3600) * * *"
        return jobNames(count).map { "\(schedule) \($0): POST /x as=admin" }
    }

    /// `j00000` and so on.
    static func jobNames(_ count: Int) -> [String] {
        (0..<count).map { number in
            let digits = String(number)
            return "j" + String(repeating: "0", count: max(5 - digits.count, 0)) + digits
        }
    }
}
