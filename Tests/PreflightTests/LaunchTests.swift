import CivilTime
import Preflight
import Records
import RunModel
import Testing

@Suite struct LaunchTests {
    private func step(
        _ step: String, isDone: Bool = true, _ kind: LaunchStep.Kind = .cutover, at: Int64 = 0,
        facts: String? = nil
    ) -> LaunchStep {
        LaunchStep(
            launch: Instant(seconds: 0), kind: kind, step: step, isDone: isDone, at: Instant(seconds: at),
            by: "amina",
            host: HostID("a/1"), detail: "so", facts: facts)
    }

    @Test("what comes next is the first step that is not done, a failed one again")
    func next() {
        #expect(Launch([]).next == .preflight && Launch([]).id == nil)
        #expect(Launch([step("preflight")]).next == .resume)
        #expect(Launch([step("preflight"), step("resume"), step("smoke", isDone: false)]).next == .smoke)
        let all = Launch(Launch.Step.allCases.map { step($0.rawValue) })
        #expect(all.next == nil && !all.isRolledBack)
    }

    @Test("a launch is rolled back once its jobs are paused")
    func back() {
        let launch = Launch([step("preflight"), step("resume", at: 5), step("pause", .rollback, at: 9)])
        #expect(launch.isRolledBack && launch.resumedAt == Instant(seconds: 5))
        #expect(launch.step(Launch.BackStep.pause)?.at == Instant(seconds: 9))
        #expect(launch.step(Launch.BackStep.drain) == nil)
    }

    private func report(_ milliseconds: [Int], failing: Bool = false) -> PreflightReport {
        let lines = milliseconds.indices.map { "check c\($0): http GET http://x trigger=smoke" }
        let list = PreflightList(Array(lines.joined(separator: "\n").utf8), file: "list")
        return PreflightReport(
            groups: list.groups,
            results: zip(list.checks, milliseconds).map { check, time in
                var result = CheckResult(failing ? .fail : .pass, "seen", hint: "mend it")
                result.milliseconds = time
                return (check, result)
            }, signatures: [:])
    }

    @Test("the baseline that preflight keeps is the one that is compared with")
    func baseline() throws {
        let facts = try #require(Launch.facts(report([12, 40])))
        #expect(Launch([step("preflight", facts: facts)]).baseline == ["c0": 12, "c1": 40])
        #expect(Launch([step("preflight", facts: "c0=x c1 =")]).baseline.isEmpty)
    }

    @Test(
        "answers are slow when they take half as long again together, and not just a network's noise more",
        arguments: [([200, 200], false), ([299, 300], false), ([300, 310], true), ([10, 1000], true)])
    func slow(times: [Int], isMet: Bool) {
        let triggers = LaunchTrigger.all(in: report(times), baseline: ["c0": 200, "c1": 200])
        #expect(triggers.last?.kind == "slow" && triggers.last?.isMet == isMet)
        let few = LaunchTrigger.all(in: report([20, 20]), baseline: ["c0": 5, "c1": 5])
        #expect(few.last?.isMet == false)
    }

    @Test("a check that fails is the reason that its trigger names; without a baseline nothing is slow")
    func reasons() {
        let triggers = LaunchTrigger.all(in: report([1], failing: true), baseline: [:])
        #expect(triggers == [LaunchTrigger(id: "c0", kind: "smoke", isMet: true, evidence: "seen")])
    }
}
