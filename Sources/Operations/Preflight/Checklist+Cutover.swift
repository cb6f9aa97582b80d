package import CivilTime
import Host
package import Preflight
package import Records
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
    /// Whether these are all; else there are more.
    package var isWhole: Bool
    /// What people do on the way back.
    package var manualSteps: [String]
    /// When it was looked at.
    package var now: Instant
}

extension Checklist {
    /// How long a cutover runs before it is looked at again.
    package static let verifyAfter: Duration = .seconds(30 * 60)
    /// The runs since a cutover are counted in pages, at most so many.
    private static let runsPage = 5000
    private static let runsPagesMax = 40

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

    /// How long a step may be under way before somebody else takes it that whoever began it is gone.
    private static let stepLimit: Duration = .seconds(90)

    /// Does the next step of the cutover; nil when all are done. Only with `begins` is a launch that was given up followed by
    /// another: who goes on with one must not undo a rollback.
    package func doNext(
        by name: String?, allowsUnsigned: Bool, verifyAfter: Duration, begins: Bool
    ) async throws(CommandError) -> StepResult? {
        let store = try await store()
        var launch = try await launch()
        let latest = launch.steps.map(\.at).max()
        if launch.isRolledBack {
            guard begins else { throw Self.rolledBack }
            launch = Launch([])
        }
        guard let next = launch.next else { return nil }
        let now = session.now()
        try checkNobody(does: launch.step(next), now)
        if next == .verify { try checkTime(of: launch, verifyAfter, now) }
        var step = LaunchStep(
            launch: launch.id ?? max(now, latest ?? now), kind: .cutover, step: next.rawValue, isDone: false,
            at: after(latest, now), by: name ?? session.operatorName,
            host: HostID(ProcessInformation.hostName()), detail: LaunchStep.underWay)
        let begun = step
        let isMine = try await session.ask { () throws(StoreError) in
            try await store.record(begun, after: latest)
        }
        guard isMine else {
            throw CommandError(
                .tryAgain, "somebody else has just begun a step", hint: "`almanac cutover status` shows who")
        }
        var report: PreflightReport?
        switch next {
        case .preflight:
            report = try await run(allowsPaused: true) { $0.phase == .before }
            step.facts = report.flatMap(Launch.facts)
        case .resume: try await resume(&step, in: store)
        case .smoke: report = try await run { $0.phase == .cutover || $0.trigger != nil }
        case .verify: report = try await run { $0.phase == .after || $0.trigger != nil }
        }
        if let report {
            step.isDone = report.isReady(allowsUnsigned: allowsUnsigned)
            step.detail = report.verdict(allowsUnsigned: allowsUnsigned)
        }
        // What is due from here on is counted: of what runs the pause ends before the step does.
        let ended = next == .resume ? after(begun.at, now) : after(begun.at, session.now())
        step.at = ended
        let end = step
        let isStill = try await session.ask { () throws(StoreError) in
            try await store.record(end, after: begun.at)
        }
        guard isStill else { throw Self.rolledBack }
        return StepResult(step: step, report: report)
    }

    private static let rolledBack = CommandError(
        .failed, "the launch was rolled back meanwhile",
        hint: "`almanac cutover status` shows by whom; `almanac cutover --run` begins another")

    /// An instant that no step has had yet, whatever the clocks of hosts show.
    private func after(_ latest: Instant?, _ now: Instant) -> Instant {
        latest.map { max(now, $0 + .microseconds(1)) } ?? now
    }

    private func checkNobody(does step: LaunchStep?, _ now: Instant) throws(CommandError) {
        guard let step, !step.isDone, step.detail == LaunchStep.underWay, now - step.at < Self.stepLimit
        else { return }
        throw CommandError(
            .tryAgain, "\(step.by) began the step \(step.step) \(TimeText.rough(now - step.at)) ago",
            hint: "`almanac cutover status` shows when it has ended")
    }

    private func checkTime(of launch: Launch, _ after: Duration, _ now: Instant) throws(CommandError) {
        let due = (launch.step(.smoke)?.at ?? now) + after
        guard now < due else { return }
        // To the second that follows: before it nothing is due.
        let shown = Instant(seconds: (due + .seconds(1) - .microseconds(1)).seconds)
        throw CommandError(
            .tryAgain, "the step verify is due at \(shown)",
            hint: "type the same again then; `almanac cutover status` shows how it stands meanwhile")
    }

    /// Ends the pause of all jobs, if it is still the one that is seen.
    private func resume(_ step: inout LaunchStep, in store: any AnyStore) async throws(CommandError) {
        let pauses = try await session.pauses()
        let others = pauses.filter { $0.scope != .all }.map(\.scope.argument)
        if let pause = pauses.first(where: { $0.scope == .all }) {
            step.isDone = try await session.ask { () throws(StoreError) in
                try await store.resumeAll(pausedAt: pause.at)
            }
            step.detail = step.isDone ? "ended: \(pause.detail)" : "somebody paused the jobs anew meanwhile"
            if step.isDone {
                try await session.note(
                    .resumed, .all, "the pause was ended by \(step.by) with the cutover; \(pause.detail)",
                    in: store)
            }
        } else {
            step.isDone = true
            step.detail = "no pause of all jobs was in force"
        }
        if !others.isEmpty {
            step.detail += "; still paused by themselves: \(others.joined(separator: ", "))"
        }
    }

    // MARK: Back

    /// Pauses all jobs on all hosts, and answers the step with how long that took. That the step cannot be recorded is for
    /// `warned`: what matters is done.
    package func pauseAll(
        by name: String?, reason: String?, warned: (CommandError) -> Void
    ) async throws(CommandError) -> LaunchStep {
        let begin = ContinuousClock.now
        let now = session.now()
        _ = try await session.pause(
            .all, at: Instant(seconds: now.seconds), until: nil, reason: reason ?? "rollback")
        let took = (ContinuousClock.now - begin).wholeMicroseconds / 1000
        var step = LaunchStep(
            launch: now, kind: .rollback, step: Launch.BackStep.pause.rawValue, isDone: true,
            at: session.now(),
            by: name ?? session.operatorName, host: HostID(ProcessInformation.hostName()),
            detail: "all jobs are paused on all hosts, after \(took) ms" + (reason.map { ": \($0)" } ?? ""))
        do throws(CommandError) {
            let launch = try await launch()
            step.launch = launch.id ?? now
            step.at = after(launch.steps.map(\.at).max(), step.at)
            try await record(step)
        } catch {
            warned(error)
        }
        return step
    }

    private func record(_ step: LaunchStep) async throws(CommandError) {
        let store = try await store()
        try await session.ask { () throws(StoreError) in try await store.record(step) }
    }

    /// Between two looks at the runs that are waited for.
    private static let drainPoll: Duration = .milliseconds(200)

    /// Waits until no run is under way, for at most `limit`, and answers the step; `told` gets how many are, now and then.
    package func drain(
        after pause: LaunchStep, within limit: Duration, reasons: [LaunchTrigger], told: (Int) -> Void,
        warned: (CommandError) -> Void
    ) async throws(CommandError) -> LaunchStep {
        let end = ContinuousClock.now + limit
        let store = try await store()
        var live = try await session.liveRuns(in: store)
        var last = 0
        while live > 0, ContinuousClock.now < end {
            if live != last { told(live) }
            last = live
            // A cancelled sleep shortens the wait.
            try? await Task.sleep(for: Self.drainPoll)
            live = try await session.liveRuns(in: store)
        }
        var step = pause
        step.step = Launch.BackStep.drain.rawValue
        step.isDone = live == 0
        step.at = after(pause.at, session.now())
        step.detail =
            live == 0
            ? "no run is under way" : "\(live == 1 ? "1 run is" : "\(live) runs are") still under way"
        let met = reasons.filter(\.isMet).map { "\($0.kind) \($0.id)" }
        if !met.isEmpty { step.detail += "; reasons: \(met.joined(separator: ", "))" }
        do throws(CommandError) {
            try await record(step)
        } catch {
            warned(error)
        }
        return step
    }

    /// The reasons to go back that there are now.
    package func reasons() async throws(CommandError) -> [LaunchTrigger] {
        let launch = try await launch()
        return LaunchTrigger.all(in: try await run { $0.trigger != nil }, baseline: launch.baseline)
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
        let since = try await runs(since: launch.resumedAt, in: store)
        return LaunchStatus(
            launch: launch, triggers: LaunchTrigger.all(in: report, baseline: launch.baseline), hosts: hosts,
            pause: pauses.first { $0.scope == .all }, liveRuns: try await session.liveRuns(in: store),
            runsSince: since.counts,
            isWhole: since.isWhole, manualSteps: list.steps, now: session.now())
    }

    /// The runs since an instant by outcome, and whether they are all.
    private func runs(
        since: Instant?, in store: any AnyStore
    ) async throws(CommandError) -> (counts: [String: Int], isWhole: Bool) {
        guard let since else { return ([:], true) }
        var counts: [String: Int] = [:]
        var query = HistoryQuery(since: since, limit: Self.runsPage)
        for _ in 0..<Self.runsPagesMax {
            let asked = query
            let runs = try await session.ask { () throws(StoreError) in try await store.history(asked) }
            for run in runs where !run.isDryRun {
                counts[run.outcome?.rawValue ?? "live", default: 0] += run.occurrences
            }
            guard runs.count == Self.runsPage, let last = runs.last else { return (counts, true) }
            query.before = HistoryQuery.Place(createdAt: last.createdAt, id: last.id)
        }
        return (counts, false)
    }
}

extension LaunchStatus {
    /// What comes next, in a sentence.
    package var next: String {
        if launch.isRolledBack {
            return launch.step(Launch.BackStep.drain)?.isDone == false || liveRuns > 0
                ? "runs are under way: `almanac rollback --run` waits for them again"
                : "the launch was rolled back; `almanac cutover --run` begins another"
        }
        guard let next = launch.next else { return "nothing: the cutover is complete" }
        if next == .verify, let smoke = launch.step(.smoke)?.at, now < smoke + Checklist.verifyAfter {
            let due = Instant(seconds: (smoke + Checklist.verifyAfter).seconds)
            return "the step verify at \(due), with `almanac cutover --run`"
        }
        let state = launch.step(next).map {
            $0.detail == LaunchStep.underWay ? ", which is under way" : ", which failed"
        }
        return "the step \(next.rawValue)\(state ?? ""), with `almanac cutover --run`"
    }

    /// The steps of the cutover, done or not, and those of the way back.
    package var steps: [(kind: LaunchStep.Kind, step: String, record: LaunchStep?)] {
        Launch.Step.allCases.map { (.cutover, $0.rawValue, launch.step($0)) }
            + Launch.BackStep.allCases.compactMap { step in
                launch.step(step).map { (.rollback, step.rawValue, $0) }
            }
    }

    private static func status(of step: LaunchStep?) -> String {
        guard let step else { return "open" }
        return step.isDone ? "done" : step.detail == LaunchStep.underWay ? "under_way" : "failed"
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
                            .init("status", .string(Self.status(of: record))),
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
            .init("runs_since_complete", .bool(isWhole)),
            .init(
                "runs_since",
                .object(runsSince.sorted { $0.key < $1.key }.map { .init($0.key, .integer(Int64($0.value))) })
            ),
            .init("manual_steps", .array(manualSteps.map { .string($0) })), .init("next", .string(next)),
        ])
    }

    /// The status for people.
    package func text(_ times: TimeText) -> String {
        var lines = [launch.id.map { "launch of \(times.text($0))" } ?? "no launch has begun"]
        for (kind, step, record) in steps {
            let name = kind == .rollback ? "back: \(step)" : step
            guard let record else {
                lines.append("  ·  \(name)")
                continue
            }
            let mark = record.isDone ? "✓" : record.detail == LaunchStep.underWay ? "…" : "✗"
            lines += [
                "  \(mark)  \(name)  \(times.text(record.at)) by \(record.by)", "       \(record.detail)",
            ]
        }
        lines += ["", "reasons to go back"]
        if triggers.isEmpty {
            lines.append("  none is named: give checks of the list trigger=smoke, database or provider")
        }
        for trigger in triggers {
            lines.append(
                "  \(trigger.isMet ? "YES" : "no ")  \(trigger.kind) \(trigger.id): \(trigger.evidence)")
        }
        let alive = hosts.filter(\.isAlive).map(\.host.description)
        lines += ["", "now", "  hosts alive: " + (alive.isEmpty ? "none" : alive.joined(separator: ", "))]
        lines.append("  jobs: " + (pause == nil ? "not paused" : "all paused"))
        if let pause {
            lines.append(
                "       by \(pause.by) at \(times.text(pause.at))" + (pause.reason.map { ": \($0)" } ?? ""))
        }
        lines.append("  runs under way: \(liveRuns)")
        if launch.resumedAt != nil {
            let counts = runsSince.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            let all = counts.isEmpty ? "none" : counts.joined(separator: ", ")
            lines.append("  runs since the jobs were resumed: " + (isWhole ? "" : "at least ") + all)
        }
        return (lines + ["", "next: \(next)"]).joined(separator: "\n")
    }
}
