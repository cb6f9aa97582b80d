import CivilTime
import Host
package import Preflight
package import RunModel

/// How a launch stands, for everybody in the room.
package struct LaunchStatus: Sendable {
    /// Its steps.
    package var launch: Launch
    /// The reasons to go back.
    package var triggers: [LaunchTrigger]
    /// The daemons.
    package var hosts: [HostSighting]
    /// The pause of all jobs; nil when they run.
    package var pause: Pause?
    /// Runs under way.
    package var liveRuns: Int
    /// Runs since the jobs were let go, by outcome; those under way as `live`. Empty before.
    package var runsSince: [String: Int]
    /// What people do on the way back.
    package var manualSteps: [String]
}

extension Checklist {
    /// How long a cutover runs before it is looked at again.
    package static let verifyAfter: Duration = .seconds(30 * 60)
    /// The most runs since a cutover that are counted.
    private static let runsMax = 10_000

    private func store() async throws(CommandError) -> any AnyStore {
        try await session.openRecords(ifMissing: .makeIfNamed).store
    }

    /// The last launch.
    package func launch() async throws(CommandError) -> Launch {
        let store = try await store()
        return Launch(try await session.ask { () throws(StoreError) in try await store.launchSteps() })
    }

    // MARK: There

    /// What a step of the cutover came to.
    package struct StepResult: Sendable {
        /// As it was recorded.
        package var step: LaunchStep
        /// What was checked; nil when nothing was.
        package var report: PreflightReport?
    }

    /// Does the next step of the cutover; nil when all are done. A launch that was given up is followed by another.
    package func doNext(
        by name: String?, allowsUnsigned: Bool, verifyAfter: Duration
    ) async throws(CommandError) -> StepResult? {
        var launch = try await launch()
        if launch.isRolledBack { launch = Launch([]) }
        guard let next = launch.next else { return nil }
        let now = session.now()
        var step = LaunchStep(
            launch: launch.id ?? now, kind: .cutover, step: next.rawValue, isDone: false, at: now,
            by: name ?? session.operatorName, host: HostID(ProcessInformation.hostName()), detail: "")
        var report: PreflightReport?
        switch next {
        case .preflight:
            report = try await run(allowsPaused: true) { $0.phase == .before }
            step.facts = report.flatMap(Launch.facts)
        case .resume:
            let result = try await session.resume(.all)
            step.isDone = true
            step.detail =
                result.entries.first?.ended.map { "ended: \($0.detail)" }
                ?? "no pause of all jobs was in force"
            if !result.left.isEmpty {
                let names = result.left.map(\.scope.argument).joined(separator: ", ")
                step.detail += "; still paused by themselves: \(names)"
            }
        case .smoke:
            report = try await run { $0.phase == .cutover || $0.trigger != nil }
        case .verify:
            let since = launch.step(.smoke)?.at ?? now
            guard now - since >= verifyAfter else {
                throw CommandError(
                    .tryAgain, "the step verify is due at \(Instant(seconds: (since + verifyAfter).seconds))",
                    hint: "type the same again then; `almanac cutover status` shows how it stands meanwhile")
            }
            report = try await run { $0.phase == .after || $0.trigger != nil }
        }
        if let report {
            step.isDone = report.isReady(allowsUnsigned: allowsUnsigned)
            step.detail = report.verdict(allowsUnsigned: allowsUnsigned)
        }
        step.at = session.now()
        try await record(step)
        return StepResult(step: step, report: report)
    }

    private func record(_ step: LaunchStep) async throws(CommandError) {
        let store = try await store()
        try await session.ask { () throws(StoreError) in try await store.record(step) }
    }

    // MARK: Back

    /// Pauses all jobs on all hosts, and answers the step with how long that took.
    package func pauseAll(by name: String?, reason: String?) async throws(CommandError) -> LaunchStep {
        let launch = try await launch()
        let begin = ContinuousClock.now
        let now = session.now()
        _ = try await session.pause(
            .all, at: Instant(seconds: now.seconds), until: nil, reason: reason ?? "rollback")
        let took = (ContinuousClock.now - begin).wholeMicroseconds / 1000
        let step = LaunchStep(
            launch: launch.isRolledBack ? now : launch.id ?? now, kind: .rollback,
            step: Launch.BackStep.pause.rawValue,
            isDone: true, at: session.now(), by: name ?? session.operatorName,
            host: HostID(ProcessInformation.hostName()),
            detail: "all jobs are paused on all hosts, \(took) ms after it was asked for"
                + (reason.map { ": \($0)" } ?? ""))
        try await record(step)
        return step
    }

    /// Between two looks at the runs that are waited for.
    private static let drainPoll: Duration = .milliseconds(200)

    /// Waits until no run is under way, for at most `limit`, and answers the step.
    package func drain(after pause: LaunchStep, within limit: Duration) async throws(CommandError)
        -> LaunchStep
    {
        let end = ContinuousClock.now + limit
        let store = try await store()
        var live = try await liveRuns(store)
        while live > 0, ContinuousClock.now < end {
            // A cancelled sleep shortens the wait.
            try? await Task.sleep(for: Self.drainPoll)
            live = try await liveRuns(store)
        }
        var step = pause
        step.step = Launch.BackStep.drain.rawValue
        step.isDone = live == 0
        step.at = session.now()
        step.detail =
            live == 0
            ? "no run is under way" : "\(live == 1 ? "1 run is" : "\(live) runs are") still under way"
        try await record(step)
        return step
    }

    private func liveRuns(_ store: any AnyStore) async throws(CommandError) -> Int {
        let now = session.now()
        return try await session.ask { () throws(StoreError) in
            try await store.summaries(until: now).reduce(0) { $0 + $1.liveRuns }
        }
    }

    // MARK: How it stands

    /// How the last launch stands now.
    package func status() async throws(CommandError) -> LaunchStatus {
        let launch = try await launch()
        let report = try await run { $0.trigger != nil }
        let store = try await store()
        let (hosts, pauses) = try await session.ask { () throws(StoreError) in
            (try await store.hosts(), try await store.pauses())
        }
        var since: [String: Int] = [:]
        if let resumedAt = launch.resumedAt {
            let query = HistoryQuery(since: resumedAt, limit: Self.runsMax)
            let runs = try await session.ask { () throws(StoreError) in try await store.history(query) }
            for run in runs where !run.isDryRun {
                since[run.outcome?.rawValue ?? "live", default: 0] += run.occurrences
            }
        }
        return LaunchStatus(
            launch: launch, triggers: LaunchTrigger.all(in: report, baseline: launch.baseline), hosts: hosts,
            pause: pauses.first { $0.scope == .all }, liveRuns: try await liveRuns(store), runsSince: since,
            manualSteps: list.steps)
    }
}

extension LaunchStatus {
    /// What comes next, in a sentence.
    package var next: String {
        if launch.isRolledBack { return "the launch was rolled back; `almanac cutover --run` begins another" }
        guard let next = launch.next else { return "nothing: the cutover is complete" }
        let failed = launch.step(next).map { _ in "; it failed" } ?? ""
        return "the step \(next.rawValue), with `almanac cutover --run`\(failed)"
    }

    /// The steps of the cutover, done or not, and those of the way back.
    package var steps: [(kind: LaunchStep.Kind, step: String, record: LaunchStep?)] {
        Launch.Step.allCases.map { (.cutover, $0.rawValue, launch.step($0)) }
            + Launch.BackStep.allCases.compactMap { step in
                launch.step(step).map { (.rollback, step.rawValue, $0) }
            }
    }

    /// The status for programs.
    package func json(_ times: TimeText) -> JSONValue {
        .object([
            .init("launch", times.json(launch.id)),
            .init("kind", JSONValue(launch.id == nil ? nil : launch.isRolledBack ? "rollback" : "cutover")),
            .init(
                "steps",
                .array(
                    steps.map { kind, step, record in
                        .object([
                            .init("kind", .string(kind.rawValue)), .init("step", .string(step)),
                            .init("status", .string(record.map { $0.isDone ? "done" : "failed" } ?? "open")),
                            .init("at", times.json(record?.at)), .init("by", JSONValue(record?.by)),
                            .init("host", JSONValue(record?.host.description)),
                            .init("detail", JSONValue(record?.detail)),
                        ])
                    })),
            .init(
                "triggers",
                .array(
                    triggers.map {
                        .object([
                            .init("id", .string($0.id)), .init("trigger", .string($0.kind)),
                            .init("met", .bool($0.isMet)), .init("evidence", .string($0.evidence)),
                        ])
                    })),
            .init("hosts", .array(hosts.map { $0.json(times) })),
            .init("paused", pause?.json(times) ?? .null),
            .init("live_runs", .integer(Int64(liveRuns))),
            .init(
                "runs_since",
                .object(runsSince.sorted { $0.key < $1.key }.map { .init($0.key, .integer(Int64($0.value))) })
            ),
            .init("manual_steps", .array(manualSteps.map { .string($0) })), .init("next", .string(next)),
        ])
    }

    /// The status for people.
    package func text(_ times: TimeText) -> String {
        var lines = ["launch of \(times.text(launch.id))"]
        let width = steps.map(\.step.count).max() ?? 0
        for (kind, step, record) in steps {
            let name = step + String(repeating: " ", count: width - step.count)
            let mark = record.map { $0.isDone ? "✓" : "✗" } ?? "·"
            let facts = record.map { "\(times.text($0.at)) by \($0.by): \($0.detail)" } ?? "not done"
            lines.append("  \(mark) \(kind == .rollback ? "back: " : "")\(name)  \(facts)")
        }
        lines += ["", "reasons to go back"]
        if triggers.isEmpty {
            lines.append("  the list names none: give checks trigger=smoke, database or provider")
        }
        for trigger in triggers {
            lines.append("  \(trigger.isMet ? "✗" : "✓") \(trigger.kind) \(trigger.id): \(trigger.evidence)")
        }
        lines += ["", "now"]
        let alive = hosts.filter(\.isAlive)
        lines.append(
            "  hosts: \(alive.count) alive"
                + (alive.isEmpty ? "" : " (\(alive.map(\.host.description).joined(separator: ", ")))"))
        lines.append(
            "  jobs: " + (pause.map { $0.detail } ?? "not paused")
                + ", \(liveRuns == 1 ? "1 run" : "\(liveRuns) runs") under way")
        if launch.resumedAt != nil {
            let counts = runsSince.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            lines.append(
                "  since the jobs were let go: "
                    + (counts.isEmpty ? "no run" : counts.joined(separator: ", ")))
        }
        return (lines + ["", "next: \(next)"]).joined(separator: "\n")
    }
}
