import Glibc

/// How fast the daemon answers questions while it runs jobs, and what that does to the jobs.
enum StatusBenchmark {
    /// Due each second, all of them.
    private static let runsPerSecond = 500

    /// A question that is asked so often.
    private struct Question {
        var path: String
        /// Requests a second; nil: one after another.
        var rate: Int?
        /// The bound for the 99th percentile, or of all, in milliseconds.
        var bound: Int
    }

    private static let questions = [
        Question(path: "/health", rate: 2000, bound: 20),
        Question(path: "/v1/jobs?limit=50", rate: 500, bound: 40),
        Question(path: "/metrics", rate: nil, bound: 20),
    ]

    static func run(_ arguments: ArraySlice<String>) {
        let measurement = ProgramMeasurement(
            "status", arguments, jobs: [1000], repeats: 3, seconds: 10, stores: [.sqlite])
        guard !Shell.output(of: "command -v hey").isEmpty else {
            Terminal.fail("hey is missing\nhint: apt-get install hey, or use `make bench-status`")
        }
        measurement.printHead(
            "questions while \(runsPerSecond) jobs are due each second",
            method: """
                hey asks for \(measurement.seconds) s, over 10 connections, at the rate of the table; /metrics is asked 50
                           times, one after another, with no job due. Late is from the second at which jobs are due
                           until the API has read their requests. Memory is of the daemon, in MiB.
                """)
        do {
            for kind in measurement.stores {
                for jobs in measurement.jobs { try measure(measurement, kind, max(jobs, runsPerSecond)) }
            }
        } catch {
            Terminal.fail("\(error)")
        }
        measurement.printEnd()
    }

    private static func measure(
        _ measurement: ProgramMeasurement, _ kind: StoreKind, _ jobs: Int
    ) throws {
        var figures: [String: Figures] = [:]
        var memory = (before: Sample(), after: Sample())
        for _ in 1...measurement.repeats {
            let api = try QuickAPI()
            defer { api.stop() }
            let idle = (runsPerSecond..<jobs).map { "0 0 1 1 * idle-\($0): POST /x as=admin" }
            do {
                // Nothing due: what a question costs, and what questions leave behind.
                let rest = (0..<runsPerSecond).map { "0 0 1 1 * rare-\($0): POST /x as=admin" }
                let daemon = try MeasuredDaemon(
                    measurement.program, kind, api: api, lines: rest + idle, port: freePort())
                defer { daemon.stop() }
                _ = try daemon.waitUntilReady()
                memory.before.add(try daemon.memory().resident)
                for question in questions {
                    let answers = try ask(question, of: daemon, seconds: 2)
                    if question.rate == nil { figures[question.path, default: Figures()].add(answers) }
                }
                memory.after.add(try daemon.memory().resident)
            }
            let busy = (0..<runsPerSecond).map { "* * * * * * each-\($0): POST /x as=admin" }
            let daemon = try MeasuredDaemon(
                measurement.program, kind, api: api, lines: busy + idle, port: freePort())
            defer { daemon.stop() }
            _ = try daemon.waitUntilReady()
            // The first seconds are those of a start.
            (WallTime.now + .seconds(3)).sleep()
            try late(api, &figures["", default: Figures()]) {
                (WallTime.now + .seconds(measurement.seconds)).sleep()
            }
            for question in questions where question.rate != nil {
                let answers = try late(api, &figures[question.path, default: Figures()]) {
                    try ask(question, of: daemon, seconds: measurement.seconds)
                }
                figures[question.path]?.add(answers)
            }
            try daemon.checkThatItLives()
        }
        let rows = questions.map { question in
            let figure = figures[question.path] ?? Figures()
            return [
                question.path, question.rate.map(String.init) ?? "-", figure.rate.text(),
                figure.middle.text(1), figure.tail.text(1), "\(question.bound)", figure.late.text(),
                figure.latest.text(),
            ]
        }
        let rest = figures[""] ?? Figures()
        Terminal.table(
            "\(kind.name), \(jobs) jobs",
            [["", "asked/s", "done/s", "p50 ms", "p99 ms", "bound", "late p50 ms", "late p99 ms"]]
                + rows + [["nothing", "-", "-", "-", "-", "-", rest.late.text(), rest.latest.text()]])
        print("  memory before any question: \(memory.before.text(1)), after: \(memory.after.text(1))")
    }

    /// What questions came to.
    private struct Answers {
        var rate: Double
        var middle: Double
        var tail: Double
    }

    private struct Figures {
        var rate = Sample()
        var middle = Sample()
        var tail = Sample()
        /// How late requests of jobs were meanwhile: the median, and the 99th percentile.
        var late = Sample()
        var latest = Sample()

        mutating func add(_ answers: Answers) {
            rate.add(answers.rate)
            middle.add(answers.middle)
            tail.add(answers.tail)
        }
    }

    private static func ask(
        _ question: Question, of daemon: MeasuredDaemon, seconds: Int
    ) throws -> Answers {
        let how = question.rate.map { "-z \(seconds)s -c 10 -q \($0 / 10)" } ?? "-n 50 -c 1"
        let output = Shell.output(
            of: "hey \(how) 'http://127.0.0.1:\(daemon.port)\(question.path)' 2>&1")
        func number(before: String = "", after: String) -> Double? {
            for line in output.split(separator: "\n") where line.contains(after) {
                let words = line.split { " \t".contains($0) }
                return words.compactMap { Double($0) }.first
            }
            return nil
        }
        guard let rate = number(after: "Requests/sec"), let middle = number(after: "50% in"),
            let tail = number(after: "99% in") ?? number(after: "Slowest"),
            !output.contains("Error distribution"), output.contains("[200]")
        else { throw Trouble("hey says: \(output)") }
        return Answers(rate: rate, middle: middle * 1000, tail: tail * 1000)
    }

    /// How late the requests of jobs are that come while `body` runs.
    private static func late<Value>(
        _ api: QuickAPI, _ figures: inout Figures, _ body: () throws -> Value
    ) throws -> Value {
        let first = WallTime(second: WallTime.now.second + 1)
        first.sleep()
        let value = try body()
        let end = WallTime(second: WallTime.now.second)
        (end + .milliseconds(900)).sleep()
        var lateness = Sample()
        for arrival in api.arrivals() where first <= arrival && arrival < end {
            lateness.add(arrival - WallTime(second: arrival.second), in: .milliseconds(1))
        }
        guard lateness.count > 0 else { throw Trouble("no request came") }
        figures.late.add(lateness.quantile(0.5))
        figures.latest.add(lateness.quantile(0.99))
        return value
    }

    /// A port that nobody listens on now.
    private static func freePort() throws -> UInt16 {
        let probe = try QuickAPI()
        defer { probe.stop() }
        return probe.port
    }
}
