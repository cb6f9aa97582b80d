import CivilTime
import CurlTransport
import Host
package import JobCatalog
import Records
import RunEngine
package import RunModel
import ScheduleFiles
import UnixSignals

/// A run that was made by hand, and how it ended.
package struct ManualRun: Sendable {
    /// The row as it was recorded, with its outcome.
    package var record: RunRecord
    /// Where the store is that has it.
    package var place = ""

    /// The status with which the command ends.
    package var exitStatus: ExitStatus {
        switch (record.outcome, record.reason) {
        case (.succeeded, _), (.declined, _): .done
        case (_, .token): .refused
        case (_, .configuration): .configuration
        case (.failed, .connect), (.failed, .dns), (.failed, .tls), (.failed, .timeout): .unavailable
        case (.failed, .status) where record.httpStatus == 429 || record.httpStatus == 503: .tryAgain
        default: .failed
        }
    }

    /// The run in a few lines: job, outcome, status, what the API said.
    package var summary: String {
        var text = "\(record.job) \(record.outcome?.rawValue ?? record.state.rawValue)"
        if let status = record.httpStatus { text += " \(status)" }
        text += "  run \(record.id)"
        if let detail = record.detail { text += "\n\(detail)" }
        if let answer = record.responseExcerpt, !answer.isEmpty { text += "\nanswer: \(answer)" }
        return text + "\nrecorded in \(place)"
    }
}

extension Session {
    /// Makes one run of a job, in the foreground, under the claim and overlap rules of every run; with `ignoresPause`
    /// also while it is paused. A job that is for its schedule alone is refused.
    package func runNow(_ text: String, ignoresPause: Bool) async throws -> ManualRun {
        if asksService { return try await runNowByService(try jobName(text), ignoresPause: ignoresPause) }
        let job = try job(text)
        let foreground = try await foreground(for: job)
        var record = manualRecord(job, isDryRun: false)
        if ignoresPause { record.requestedBy = operatorName + " (--force)" }
        let result = try await foreground.finish(record, ignoresPause: ignoresPause)
        await foreground.transport.shutdown()
        return result
    }

    /// What makes runs of a job in the foreground; a job that is for its schedule alone is refused.
    func foreground(for job: Job) async throws -> Foreground {
        try checkOnDemand(job)
        let values = try values(for: [job])
        try checkValues(of: job, values)
        let transport = try openTransport()
        let opened = try await openRecords(ifMissing: .make)
        let store = opened.store
        _ = try await ask { () throws(StoreError) in
            try await store.register([job.registration], by: nil, now: now())
        }
        // An API that is not up is told at once: somebody is there to decide about it.
        var settings = configuration.engine
        settings.apiGrace = .zero
        return Foreground(
            job: job, settings: settings, opened: opened, transport: transport,
            performer: RunPerformer(
                store: store, transport: transport, userAgent: Program.userAgent,
                rules: configuration.valueRules, values: { values }, now: Clocks.now))
    }

    /// The row of a run that somebody asks a daemon for, and that `host` makes; a job that is for its schedule alone is
    /// refused.
    package func askedRun(of job: Job, by host: HostID) throws(CommandError) -> RunRecord {
        try checkOnDemand(job)
        var record = manualRecord(job, isDryRun: false)
        record.host = host
        return record
    }

    func checkOnDemand(_ job: Job) throws(CommandError) {
        guard job.policy.allowsOnDemand else {
            throw CommandError(
                .usage,
                "\(job.name) is not run by hand: on-demand=no, or <AllowStartOnDemand>false in its task file",
                hint: "change that in \(job.source.file); a rehearsal, --dry-run, is possible")
        }
        try checkClock()
    }

    /// Refuses a request that would take a value where it must not go.
    private func checkValues(of job: Job, _ values: [String: String]) throws(CommandError) {
        do throws(RequestBuilder.Problem) {
            _ = try RequestBuilder.permittedURL(
                of: job.request, rules: configuration.valueRules, value: { values[$0] })
        } catch {
            throw CommandError(.configuration, "\(job.name): \(error.message)", hint: error.hint)
        }
    }

    /// Refuses to record anything while the wall clock cannot be right.
    func checkClock() throws(CommandError) {
        guard now() < Program.clockFloor else { return }
        throw CommandError(
            .tryAgain, HealthAssessment.waitingForClock(now()),
            hint: "set the clock; no time before \(Program.clockFloor) can be right")
    }

    /// The row of a run that is made by hand now: one attempt, since somebody is there to decide about
    /// another.
    func manualRecord(_ job: Job, isDryRun: Bool) -> RunRecord {
        let now = now()
        let host = "\(ProcessInformation.hostName())/cli-\(ProcessInformation.processID)"
        return RunRecord(
            id: RunID(random: UInt128.random(in: .min ... .max)), job: job.name, trigger: .manual,
            isDryRun: isDryRun,
            dueAt: now, state: .claimed, attemptsMax: 1, host: HostID(host),
            requestedBy: operatorName,
            configHash: job.configHash, zoneData: zones.dataVersion, createdAt: now)
    }
}

/// What makes runs of a job in the foreground.
struct Foreground {
    let job: Job
    let settings: EngineSettings
    let opened: OpenedStore
    let transport: CurlTransport
    let performer: RunPerformer

    /// Makes a run, and answers how it ended.
    func finish(_ record: RunRecord, ignoresPause: Bool) async throws -> ManualRun {
        let machine = RunMachine(job: job, run: record, retryLimit: nil, settings: settings)
        var run = ForegroundRun(
            machine: machine, performer: performer, store: opened.store, ignoresPause: ignoresPause)
        var result = try await run.finish()
        result.place = opened.place
        return result
    }
}

/// Drives one run to its end and keeps its lease meanwhile.
private struct ForegroundRun {
    var machine: RunMachine
    let performer: RunPerformer
    let store: any RunStore
    let ignoresPause: Bool

    /// After this many failures of the store in a row, the command gives up.
    private static let storeFailuresMax = 5

    mutating func finish() async throws -> ManualRun {
        var pending = machine.handle(.begin, at: Clocks.now())
        var failures = 0
        while !machine.isOver {
            guard let effect = pending.first else {
                failures += 1
                if let error = machine.storeError, failures > Self.storeFailuresMax { throw gaveUp(error) }
                if let wakeAt = machine.wakeAt {
                    try await Task.sleep(for: max(wakeAt - Clocks.now(), .zero))
                }
                pending = machine.handle(.woke, at: Clocks.now())
                continue
            }
            failures = machine.storeError == nil ? 0 : failures
            let event = await perform(effect)
            pending = machine.handle(event, at: Clocks.now())
        }
        switch machine.state {
        case .finished(let completion): return ManualRun(record: machine.run.ended(by: completion))
        case .dropped(.paused(let pause)):
            throw CommandError(
                .tryAgain, pause.detail,
                hint: (machine.run.backfillOf == nil
                    ? "`almanac run-now \(machine.job.name) --force` runs it all the same; "
                    : "the same command with --force runs it all the same; ")
                    + "`almanac resume \(pause.scope.argument)` ends the pause")
        case .dropped(.overlaps(let other)):
            throw CommandError(
                .tryAgain, "run \(other) of \(machine.job.name) has not ended",
                hint: "wait for it; `almanac show \(other)` shows it")
        case .dropped(.alreadyDecided):
            throw CommandError(
                .tryAgain,
                machine.run.backfillOf == nil
                    ? "run \(machine.run.id) was made by somebody else"
                    : "somebody else backfills the same occurrence: run \(machine.run.id)",
                hint: "`almanac show \(machine.run.id)` shows it")
        case .dropped:
            throw CommandError(
                .failed, "the run lost its lease; another host decides about it",
                hint: "`almanac show \(machine.run.id)` shows it")
        default: preconditionFailure("a run that is over is finished or dropped")
        }
    }

    /// The store did not come back. After the request was answered that must be told, or it would be sent
    /// again.
    private func gaveUp(_ error: StoreError) -> CommandError {
        guard case .recordingFinish(_, let completion) = machine.state else { return CommandError(error) }
        let answer = completion.httpStatus.map { " with \($0)" } ?? ""
        return CommandError(
            .failed,
            "\(machine.job.name) \(completion.outcome.rawValue)\(answer), and that could not be recorded: \(error)",
            hint:
                "do not run it again before you have looked; its run \(machine.run.id) will be shown as unknown"
        )
    }

    /// Performs an effect; a request can be given up by SIGINT or SIGTERM, and its lease is renewed
    /// meanwhile.
    private func perform(_ effect: RunEffect) async -> RunEvent {
        let cancellation = Cancellation()
        let effect = allowed(effect)
        guard case .send = effect, let owned = machine.owned else {
            return await performer.perform(
                effect, of: machine.run, machine.job, cancellation: cancellation)
        }
        // Before anything is sent: a signal must not end the command without a record of that.
        let signals = await UnixSignalsSequence(trapping: [.sigint, .sigterm])
        return await withTaskGroup(of: RunEvent?.self) { group in
            group.addTask { [performer, machine] in
                await performer.perform(effect, of: machine.run, machine.job, cancellation: cancellation)
            }
            group.addTask {
                for await _ in signals { cancellation.cancel() }
                return nil
            }
            group.addTask { [store, settings = machine.settings] in
                // A cancelled sleep means that the request has ended.
                while (try? await Task.sleep(for: settings.heartbeat)) != nil {
                    // The next renewal does for one that fails; the lease outlasts two.
                    _ = try? await store.renew([owned], lease: settings.lease)
                }
                return nil
            }
            while let event = await group.next() {
                if let event {
                    group.cancelAll()
                    return event
                }
            }
            preconditionFailure("a request ended without its event")
        }
    }

    /// The effect, with what whoever asked for the run allows.
    private func allowed(_ effect: RunEffect) -> RunEffect {
        guard case .write(.claim(var claim)) = effect else { return effect }
        claim.ignoresPause = ignoresPause
        return .write(.claim(claim))
    }
}
