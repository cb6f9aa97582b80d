import CivilTime
import CurlTransport
package import JobCatalog
import Records
import RunEngine
package import RunModel

/// What a dry run found out: the exact request, and a verdict for each check.
package struct Rehearsal: Sendable {
    /// One thing that was looked at.
    package struct Check: Sendable, Equatable {
        /// What was looked at, in one word: `token`, `dns`, `store` and the like.
        package var name: String
        /// Whether the run could go on from here.
        package var isPassed: Bool
        /// What was found, or why it failed and what to do; secrets are masked.
        package var detail: String
        /// The status with which the command ends when this is the first check that failed.
        var status: ExitStatus
    }

    /// The job that was rehearsed.
    package var job: JobName
    /// The request as it would be sent, secrets masked; empty when it could not be made.
    package var request: [String] = []
    /// In the order of a run; those behind a request that could not be made are left out.
    package var checks: [Check] = []
    /// What to know besides.
    package var notes: [String] = []
    /// The recorded dry run; nil when the store did not take it.
    package var run: RunID?

    mutating func add(
        _ name: String, _ isPassed: Bool, _ detail: String, failing status: ExitStatus = .failed
    ) {
        checks.append(Check(name: name, isPassed: isPassed, detail: detail, status: status))
    }

    /// Whether the run would have been made.
    package var isReady: Bool { checks.allSatisfy(\.isPassed) }

    /// That of the first check that failed.
    package var exitStatus: ExitStatus {
        checks.first { !$0.isPassed }?.status ?? .done
    }

    /// The rehearsal for people.
    package var text: String {
        let width = checks.map(\.name.count).max() ?? 0
        var lines = ["dry run of \(job): nothing is sent to the job's URL"]
        if !request.isEmpty { lines += [""] + request.map { "  " + $0 } }
        lines.append("")
        for check in checks {
            let name = check.name + String(repeating: " ", count: width - check.name.count)
            lines.append("  \(check.isPassed ? "ok  " : "FAIL")  \(name)  \(check.detail)")
        }
        lines += [""] + notes.map { "note: \($0)" }
        let failed = checks.count { !$0.isPassed }
        lines.append(
            isReady ? "verdict: ready" : "verdict: not ready, \(failed) of \(checks.count) checks failed")
        if let run { lines.append("recorded as run \(run)") }
        return lines.joined(separator: "\n")
    }
}

extension Session {
    /// Does everything of a run of the job called `text` but the request, and records that it was done.
    ///
    /// With `ignoresPause` a pause forbids nothing.
    package func rehearse(_ text: String, ignoresPause: Bool) async throws -> Rehearsal {
        if asksService { return try await rehearseByService(try jobName(text), ignoresPause: ignoresPause) }
        return try await rehearse(try job(text), ignoresPause: ignoresPause)
    }

    /// Does everything of a run but the request, and records that it was done; without `records` not even that, and the store
    /// must know the job. With `ignoresPause` a pause forbids nothing.
    package func rehearse(
        _ job: Job, ignoresPause: Bool = false, records: Bool = true
    ) async throws -> Rehearsal {
        try checkClock()
        var rehearsal = Rehearsal(job: job.name)
        var record = manualRecord(job, isDryRun: true)
        var problems: [Configuration.Problem] = []
        let values = configuration.values(for: [job], problems: &problems)
        for problem in problems {
            rehearsal.add(
                "configuration", false, "\(problem.name): \(problem.message); \(problem.hint)",
                failing: .configuration)
        }
        if problems.isEmpty {
            rehearsal.add("configuration", true, "every value that the request needs is set")
        }
        if !job.isEnabled { rehearsal.notes.append("the job is disabled (enabled=no): it runs by hand only") }
        if let token = values[ValueName.token] {
            rehearsal.add("token", true, "\(token.utf8.count) characters")
        }
        if problems.isEmpty, rehearseValues(job, values, &rehearsal) {
            try await rehearseRequest(job, record.id, values, &rehearsal)
        }
        await rehearseStore(job, &record, ignoresPause: ignoresPause, records: records, &rehearsal)
        return rehearsal
    }

    /// Looks at where the values would go; whether they may.
    private func rehearseValues(
        _ job: Job, _ values: [String: String], _ rehearsal: inout Rehearsal
    ) -> Bool {
        do throws(RequestBuilder.Problem) {
            let url = try RequestBuilder.permittedURL(
                of: job.request, rules: configuration.valueRules, value: { values[$0] })
            rehearsal.add("values", true, "all of them may go to \(url.origin)")
            return true
        } catch {
            rehearsal.add(
                "values", false, error.message + (error.hint.map { "; " + $0 } ?? ""), failing: .configuration
            )
            return false
        }
    }

    private func rehearseRequest(
        _ job: Job, _ id: RunID, _ values: [String: String], _ rehearsal: inout Rehearsal
    ) async throws {
        do throws(RequestBuilder.Problem) {
            let request = try RequestBuilder.request(
                for: job, run: id, scheduledFor: nil, attempt: 1, userAgent: Program.userAgent,
                rules: configuration.valueRules, value: { values[$0] })
            let mask = SecretMask(values: values, request: request)
            rehearsal.request = request.shown(mask)
            rehearsal.add(
                "request", true, "\(request.method), timeout \(DurationText.compact(request.timeout))")
            let transport = try openProbeTransport()
            // Whoever waits for a rehearsal does not wait as long as a job may: a connection takes seconds or fails.
            var probed = request
            probed.timeout = min(request.timeout, Self.probeLimit)
            let probe = await transport.probe(probed)
            await transport.shutdown()
            for step in probe.steps {
                rehearsal.add(
                    step.kind.rawValue, step.isPassed, mask.masked(step.detail), failing: .unavailable)
            }
            if let ends = probe.certificateEnds {
                let days = (ends - now()).components.seconds / 86400
                rehearsal.add(
                    "certificate", days >= 0, "ends at \(ends.rfc3339), in \(days) days",
                    failing: .unavailable)
            }
        } catch {
            rehearsal.add("request", false, error.message, failing: .configuration)
        }
    }

    private static let probeLimit: Duration = .seconds(10)

    private func openProbeTransport() throws(RequestBuilder.Problem) -> CurlTransport {
        do throws(CommandError) {
            return try openTransport()
        } catch {
            throw RequestBuilder.Problem(message: error.message, hint: error.hint)
        }
    }

    private func rehearseStore(
        _ job: Job, _ record: inout RunRecord, ignoresPause: Bool, records: Bool,
        _ rehearsal: inout Rehearsal
    ) async {
        do throws(CommandError) {
            let opened = try await openRecords(ifMissing: .make)
            let store = opened.store
            // A store that was lent has not been asked yet.
            try await ask { () throws(StoreError) in try await store.verifyMigrations() }
            rehearsal.add("store", true, "\(opened.place) answers, and its schema fits")
            if records {
                _ = try await ask { () throws(StoreError) in
                    try await store.register([job.registration], by: nil, now: now())
                }
            }
            try await rehearseClaim(job, record, store, ignoresPause: ignoresPause, &rehearsal)
            if records { try await recordRehearsal(&record, store, &rehearsal) }
        } catch {
            let message =
                error.message.hasPrefix("store: ") ? String(error.message.dropFirst(7)) : error.message
            rehearsal.add("store", false, message + (error.hint.map { "; \($0)" } ?? ""), failing: error.code)
        }
    }

    private func rehearseClaim(
        _ job: Job, _ record: RunRecord, _ store: any AnyStore, ignoresPause: Bool,
        _ rehearsal: inout Rehearsal
    ) async throws(CommandError) {
        var run = record
        run.isDryRun = false
        let claim = Claim(
            run: run, isExclusive: job.policy.overlap != .allow, ignoresPause: ignoresPause,
            lease: EngineLimits.lease)
        switch try await ask({ () throws(StoreError) in try await store.rehearse(claim) }) {
        case .claimed: rehearsal.add("claim", true, "granted and rolled back")
        case .paused(let pause):
            rehearsal.add("pause", false, pause.detail, failing: .tryAgain)
        case .overlaps(let other):
            rehearsal.add("claim", false, "run \(other) of this job has not ended", failing: .tryAgain)
        case .alreadyDecided: rehearsal.add("claim", false, "the run exists already", failing: .tryAgain)
        }
    }

    private func recordRehearsal(
        _ record: inout RunRecord, _ store: any AnyStore, _ rehearsal: inout Rehearsal
    ) async throws(CommandError) {
        record.state = .finished
        record.finishedAt = now()
        if let failed = rehearsal.checks.first(where: { !$0.isPassed }) {
            record.outcome = .failed
            record.reason = Self.reason(of: failed)
            record.detail = "dry run: \(failed.name): \(failed.detail)"
        } else {
            record.outcome = .succeeded
            record.detail = "dry run: every check passed; nothing was sent"
        }
        let row = record
        _ = try await ask { () throws(StoreError) in try await store.record([row]) }
        rehearsal.run = record.id
    }

    private static func reason(of check: Rehearsal.Check) -> Reason {
        switch check.name {
        case "dns": .dns
        case "tcp": .connect
        case "tls", "certificate": .tls
        case "claim": .overlap
        case "pause": .paused
        default: .configuration
        }
    }
}
