import Glibc
import StandInAPI
import Testing

extension PostgresLifeTests {
    @Test(
        "a daemon with a copy of a state directory takes nothing from the original, and both say that there are two"
    )
    func copiedState() async throws {
        try await withDatabase { bench in
            try bench.write(
                everySecond + "0 0 0 1 1 *  by-hand: POST /api/cron/purge_old as=admin retry=0\n")
            try #require(try await bench.almanac("migrate", "up").status == 0)
            bench.api.misbehave(.hold, count: 1)
            let original = try await bench.startDaemon()
            try await eventually("a request is held") { bench.api.heldCount == 1 }
            let place = [
                "ALMANAC_STATE_DIRECTORY": bench.directory + "/copy",
                "ALMANAC_LISTEN": "unix:" + bench.directory + "/copy-status",
            ]
            let copying = try ProgramProcess(
                ["/bin/cp", "-a", bench.directory + "/state", bench.directory + "/copy"],
                environment: [:], directory: bench.directory)
            try #require(try await copying.result().status == 0)
            let copy = try await bench.startDaemon(environment: place)
            try await eventually("the copy's health tells of the other") {
                try await bench.run(["health"], place).output.contains("another daemon is")
            }
            // A command with the same state directory does not count as a second daemon.
            let byHand = try await bench.almanac("run-now", "by-hand")
            #expect(byHand.status == 0, "\(byHand.output)\(byHand.errors)")
            try await eventually("the original is told") { original.errors.contains(Self.twin) }
            try await eventually("the copy logs it") { copy.errors.contains(Self.twin) }
            try await bench.health("the original's health tells of the other") {
                $0.output.contains("remove host-id")
            }
            let held = try #require(try await bench.history().first { $0.state == "running" })
            bench.api.release()
            try await eventually("the held run has its outcome") {
                try await bench.history().first { $0.runId == held.runId }?.isFinished ?? false
            }
            let ended = try await bench.history().filter { $0.outcome != "skipped" && $0.isFinished }
            #expect(ended.filter { $0.outcome != "succeeded" } == [])
            for daemon in [original, copy] { try await daemon.stop() }
        }
    }

    @Test("a daemon that was killed and starts again beside its copy takes nothing over at once")
    func bothRestarted() async throws {
        try await withDatabase { bench in
            try bench.write(everySecond)
            try #require(try await bench.almanac("migrate", "up").status == 0)
            let original = try await bench.startDaemon()
            let copying = try ProgramProcess(
                ["/bin/cp", "-a", bench.directory + "/state", bench.directory + "/copy"],
                environment: [:], directory: bench.directory)
            try #require(try await copying.result().status == 0)
            let place = [
                "ALMANAC_STATE_DIRECTORY": bench.directory + "/copy",
                "ALMANAC_LISTEN": "unix:" + bench.directory + "/copy-status",
            ]
            var daemons = [original, try await bench.startDaemon(environment: place)]
            try await bench.holdRequest()
            let held = try #require(try await bench.history().first { $0.state == "running" })
            for (index, changes) in [[:], place].enumerated() {
                // The one whose run it is, or the other: neither may decide about it now.
                daemons[index].signal(SIGKILL)
                _ = try await daemons[index].result()
                daemons[index] = try await bench.startDaemon(environment: changes)
                try await eventually("it says why") { daemons[index].errors.contains(Self.twin) }
                #expect(try await bench.history().first { $0.runId == held.runId }?.state == "running")
            }
            bench.api.release()
            for daemon in daemons { try await daemon.stop() }
        }
    }

    private static let twin = "another daemon runs with this host's identity"
}
