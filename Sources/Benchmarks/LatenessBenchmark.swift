import CLinux
import Glibc

/// How long after it is due a job's request arrives, beside the least that any program needs for that.
enum LatenessBenchmark {
    static func run(_ arguments: ArraySlice<String>) {
        let measurement = ProgramMeasurement(
            "lateness", arguments, jobs: [1], repeats: 3, seconds: 60, stores: [.sqlite])
        measurement.printHead(
            "lateness of one job that is due each second",
            method: """
                milliseconds from the due instant until the API has read the request, over \(measurement.seconds) s.
                           Floor, in between, half a second later: this program waits for an absolute timer, commits
                           one row to a store of the same kind and settings, connects and sends. n is the number
                           of requests of all repeats.
                """)
        do {
            for kind in measurement.stores {
                var floor = Floor()
                var runs = Series()
                for _ in 1...measurement.repeats { try measure(measurement, kind, &runs, &floor) }
                Terminal.table(
                    kind.name,
                    [
                        ["", "p50", "p90", "p99", "most", "n"],
                        ["due → request of the job"] + runs.cells,
                        ["floor: timer, commit, request"] + floor.sent.cells,
                        ["  timer and commit"] + floor.committed.cells,
                        ["  timer"] + floor.woken.cells,
                    ])
            }
        } catch {
            Terminal.fail("\(error)")
        }
        measurement.printEnd()
    }

    private static func measure(
        _ measurement: ProgramMeasurement, _ kind: StoreKind, _ runs: inout Series, _ floor: inout Floor
    ) throws {
        let api = try QuickAPI()
        defer { api.stop() }
        let daemon = try MeasuredDaemon(
            measurement.program, kind, api: api, lines: ["* * * * * * each-second: POST /x as=admin"])
        defer { daemon.stop() }
        _ = try daemon.waitUntilReady()
        // The first seconds are those of a start.
        let first = WallTime(second: WallTime.now.second + 3)
        let end = first + .seconds(measurement.seconds)
        let timer = CLinux_makeTimer()
        guard timer >= 0 else { throw Trouble.system("a timer") }
        defer { close(timer) }
        runs.begin()
        floor.begin()
        for second in 0..<measurement.seconds {
            try floor.measure(
                at: first + .seconds(second) + .milliseconds(500), timer: timer, api: api,
                commit: daemon.store.commit)
            try daemon.checkThatItLives()
        }
        // What is due in the last second has arrived by then.
        (end + .milliseconds(600)).sleep()
        let arrivals = api.arrivals().filter { $0 >= first && $0 < end }
        guard arrivals.count == measurement.seconds else {
            throw Trouble("\(arrivals.count) requests came in \(measurement.seconds) s, each of them one due")
        }
        for (number, arrival) in arrivals.enumerated() {
            runs.add(arrival - (first + .seconds(number)))
        }
        for (number, arrival) in api.arrivals(ofFloor: true).enumerated() {
            floor.sent.add(arrival - (first + .seconds(number) + .milliseconds(500)))
        }
    }

    /// Times, in milliseconds, of each repeat.
    private struct Series {
        private var repeats: [Sample] = []

        mutating func begin() {
            repeats.append(Sample())
        }

        mutating func add(_ duration: Duration) {
            repeats[repeats.count - 1].add(duration, in: .milliseconds(1))
        }

        var cells: [String] {
            [0.5, 0.9, 0.99, 1].map { share in Sample(repeats.map { $0.quantile(share) }).text(2) }
                + [String(repeats.reduce(0) { $0 + $1.count })]
        }
    }

    /// What no program that keeps its promises can go below.
    private struct Floor {
        var woken = Series()
        var committed = Series()
        var sent = Series()

        mutating func begin() {
            woken.begin()
            committed.begin()
            sent.begin()
        }

        mutating func measure(
            at instant: WallTime, timer: CInt, api: QuickAPI, commit: () throws -> Void
        ) throws {
            var expirations: UInt64 = 0
            guard CLinux_armTimer(timer, instant.nanoseconds / 1000) == 0,
                read(timer, &expirations, MemoryLayout<UInt64>.size) > 0
            else { throw Trouble.system("the timer") }
            woken.add(WallTime.now - instant)
            try commit()
            committed.add(WallTime.now - instant)
            try request(api)
        }

        /// Sends a request on a new connection, and waits for the answer.
        private func request(_ api: QuickAPI) throws {
            let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard connection >= 0 else { throw Trouble.system("a socket") }
            defer { close(connection) }
            var address = loopbackAddress(port: api.port)
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let head = Array("POST /floor HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8)
            var answer = [UInt8](repeating: 0, count: 256)
            guard withSocketAddress(&address, { connect(connection, $0, size) }) == 0,
                send(connection, head, head.count, Int32(MSG_NOSIGNAL)) == head.count,
                recv(connection, &answer, answer.count, 0) > 0
            else { throw Trouble.system("the request of the floor") }
        }
    }
}
