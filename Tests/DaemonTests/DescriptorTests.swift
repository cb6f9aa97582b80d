import Glibc
import StandInAPI
import TestFiles
import Testing

@testable import Daemon

@Suite("a process that is started with little")
struct DescriptorTests {
    @Test(
        "requests and connections fit the limit of open files, and all are made where it suffices",
        arguments: [
            (16, 1, 2), (32, 1, 2), (40, 1, 2), (64, 5, 8), (128, 16, 24), (1024, 64, 64),
            (DescriptorBudget.wanted(forRequests: 64), 64, 64),
        ])
    func budget(limit: Int, requests: Int, connections: Int) {
        let budget = DescriptorBudget(limit: limit, requestsMax: 64)
        #expect(budget.requests == requests && budget.connections == connections, "\(budget)")
    }

    /// Starts the daemon by a shell, which runs `preparation` before it.
    private func start(_ bench: Bench, after preparation: String) throws -> ProgramProcess {
        let path = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        return try ProgramProcess(
            ["/bin/bash", "-c", "\(preparation)", folder + "/almanac"], environment: bench.environment,
            directory: bench.directory)
    }

    @Test(
        "with 20 to 40 descriptors it makes its runs, or says what it needs; SIGTERM ends it",
        arguments: [20, 31, 32, 40])
    func few(limit: Int) async throws {
        try await withBench { bench in
            try bench.write(everySecond)
            let daemon = try start(bench, after: "ulimit -n \(limit); exec \"$0\" daemon")
            guard limit >= DescriptorBudget.least else {
                let result = try await daemon.result()
                #expect(
                    result.status == 78 && result.errors.contains("the limit of open files is \(limit), "))
                return
            }
            try await eventually("it says what there is room for") {
                daemon.errors.contains("has room for 1 of 64 requests at once")
            }
            // More who ask than there is room for, who say nothing.
            try await eventually("it is ready") { daemon.errors.contains(" ready ") }
            let idle = (1...12).map { _ in connect(bench.directory + "/status") }
            defer { for descriptor in idle { close(descriptor) } }
            let before = bench.api.requests().count
            try await eventually("runs are made") { bench.api.requests().count > before + 2 }
            try await daemon.stop()
        }
    }

    private func connect(_ path: String) -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return descriptor
    }

    @Test("without standard streams it makes its runs, and no line of the log goes into a file of its own")
    func streams() async throws {
        try await withBench { bench in
            try bench.write(everySecond)
            let daemon = try start(bench, after: "exec \"$0\" daemon <&- >&- 2>&-")
            try await eventually("runs are made") { bench.api.requests().count >= 3 }
            try await bench.health()
            try await daemon.stop()
            #expect(try await bench.history().contains { $0.outcome == "succeeded" })
            for name in ["daemon.lock", "host-id", "records", "boot"] {
                let text = textIfAny(inFile: bench.directory + "/state/" + name)
                #expect(!text.contains("tick"), "\(name): \(text)")
            }
        }
    }

    /// Whether a process ignores SIGHUP, as the program does first, or handles it, as it does a moment later.
    private func isReadyForHangups(_ process: pid_t) -> Bool {
        textIfAny(inFile: "/proc/\(process)/status").split(separator: "\n").contains { line in
            guard line.hasPrefix("SigIgn:") || line.hasPrefix("SigCgt:") else { return false }
            return (Int(line.suffix(1), radix: 16) ?? 0) & 1 == 1
        }
    }

    @Test("a hang-up at any moment of the start does not end it")
    func hangups() async throws {
        try await withBench { bench in
            try bench.write(everySecond)
            let daemon = try start(bench, after: "exec \"$0\" daemon")
            // From its first line on; before that it is the shell's, or the loader's.
            try await eventually("the program has begun") {
                try #require(!daemon.hasEnded, "\(daemon.errors)")
                return isReadyForHangups(daemon.id)
            }
            while !daemon.errors.contains(" ready ") {
                if daemon.hasEnded {
                    let result = try await daemon.result()
                    Issue.record("it ended with \(result.status): \(result.errors)")
                    return
                }
                daemon.signal(SIGHUP)
                try await Task.sleep(for: .milliseconds(1))
            }
            // Those of the start may all have come before it read its files for the first time.
            try await eventually("it has read its files again") {
                daemon.signal(SIGHUP)
                return daemon.errors.contains(" reloaded ")
            }
            try await daemon.stop()
        }
    }
}
