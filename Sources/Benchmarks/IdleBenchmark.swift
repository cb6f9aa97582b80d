/// What a daemon costs that has nothing to do.
enum IdleBenchmark {
    /// What a start leaves to be done has been done by then, and threads that it needed have ended.
    private static let settling = Duration.seconds(15)

    static func run(_ arguments: ArraySlice<String>) {
        let measurement = ProgramMeasurement(
            "idle", arguments, jobs: [2, 10_000, 100_000], repeats: 3, seconds: 60, stores: [.sqlite])
        measurement.printHead(
            "a daemon at rest",
            method: """
                N daily jobs, none of them due for hours. Ready: from the start of the process to
                           the first 200 of /readyz, asked for every 2 ms.
                           Then \(settling.components.seconds) s of rest, then \(measurement.seconds) s in which
                           processor time and wake-ups (voluntary context switches of all threads) are counted,
                           given for a minute. Memory after that: /proc/PID/smaps_rollup, private without the
                           pages of files (Anonymous).
                """)
        do {
            for kind in measurement.stores {
                var rows: [[String]] = []
                for count in measurement.jobs {
                    var figures = Figures()
                    for _ in 1...measurement.repeats { try figures.add(measurement, kind, count) }
                    rows.append([String(count)] + figures.cells)
                }
                Terminal.table(kind.name, [["jobs"] + Figures.names] + rows)
            }
        } catch {
            Terminal.fail("\(error)")
        }
        measurement.printEnd()
    }

    private struct Figures {
        var ready = Sample()
        var resident = Sample()
        var own = Sample()
        var peak = Sample()
        var processor = Sample()
        var wakeUps = Sample()

        static let names = [
            "ready, s", "resident, MiB", "of it private, MiB", "peak, MiB", "processor, ms/min",
            "wake-ups/min",
        ]

        var cells: [String] {
            [
                ready.text(2), resident.text(1), own.text(1), peak.text(1), processor.text(1),
                wakeUps.text(0),
            ]
        }

        mutating func add(_ measurement: ProgramMeasurement, _ kind: StoreKind, _ count: Int) throws {
            let api = try QuickAPI()
            defer { api.stop() }
            let daemon = try MeasuredDaemon(
                measurement.program, kind, api: api, lines: IdleBenchmark.lines(count))
            defer { daemon.stop() }
            ready.add(try daemon.waitUntilReady(), in: .seconds(1))
            (WallTime.now + IdleBenchmark.settling).sleep()
            let wakeUpsBefore = ProcessFigures.wakeUps(daemon.id)
            let processorBefore = try daemon.processorTime()
            (WallTime.now + .seconds(measurement.seconds)).sleep()
            try daemon.checkThatItLives()
            let minutes = Double(measurement.seconds) / 60
            processor.add((try daemon.processorTime() - processorBefore) / .milliseconds(1) / minutes)
            wakeUps.add(ProcessFigures.wakeUps(daemon.id, since: wakeUpsBefore) / minutes)
            let memory = try daemon.memory()
            resident.add(memory.resident)
            own.add(memory.own)
            peak.add(memory.peak)
            guard api.count == 0 else { throw Trouble("a job was due while the daemon was to be at rest") }
        }
    }

    /// Daily jobs that are due in twelve hours, within half an hour of that.
    private static func lines(_ count: Int) -> [String] {
        let hour = (WallTime.now.second / 3600 + 12) % 24
        return BurstBenchmark.jobNames(count).enumerated().map { number, name in
            "\(number % 60) \(number / 60 % 30) \(hour) * * * \(name): POST /x as=admin"
        }
    }
}
