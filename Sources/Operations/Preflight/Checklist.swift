package import CivilTime
import CurlTransport
import Host
import JobCatalog
package import Preflight
package import Records
import RunEngine
import RunModel
import ScheduleFiles

/// The launch checklist, ready to be gone through.
package struct Checklist: Sendable {
    /// As it was read.
    package let list: PreflightList
    let session: Session
    let values: PreflightValues
    /// What the checks came to that were made with the rights of whoever asks.
    let local: [String: CheckResult]
    /// The programs that run with these rights.
    let programs: RunningPrograms
    /// The hashes of what is shown to who signs, by check.
    let evidence: [String: String]

    /// Where the list is, unless another is named.
    package static let path = "/etc/almanac/preflight.conf"
    /// How long a check may take.
    private static let checkLimit: Duration = .seconds(10)
    /// How long all of them may take.
    private static let limit: Duration = .seconds(30)
    /// Between two tries of what is waited for.
    private static let pause: Duration = .seconds(2)
}

extension Program {
    /// Reads the list at `path`, or that of this host, and makes those checks of this machine's own files and programs that are
    /// asked for; the others are for a session, with the service's rights. Problems of the list go to `console`.
    package static func checklist(
        list path: String?, only group: String? = nil, mayLack: Bool = false,
        console: @escaping @Sendable (String) -> Void, _ isAsked: (Check) -> Bool = { _ in true }
    ) throws(CommandError) -> Checklist {
        let list: PreflightList
        do throws(CommandError) {
            list = try Self.list(path, console)
        } catch {
            guard mayLack else { throw error }
            console("warning: \(error.message)")
            list = PreflightList([], file: path ?? Checklist.path)
        }
        if let group, !list.groups.contains(where: { $0.id == group }) {
            throw CommandError(
                .usage, "no group is called “\(group)”",
                hint: "groups are \(list.groups.map(\.id).joined(separator: ", "))")
        }
        var local: (results: [String: CheckResult], running: [LocalChecks.Running]) = ([:], [])
        var evidence: [String: String] = [:]
        let session = try session(.records, isTolerant: true, console: console) { configuration in
            var checks = LocalChecks(PreflightValues(list, configuration), now: Clocks.now())
            for check in list.checks { evidence[check.id] = checks.evidence(of: check) }
            local = checks.begin(list.checks.filter { (group == nil || $0.group == group) && isAsked($0) })
        }
        try session.checkRoot()
        return Checklist(
            list: list, session: session, values: PreflightValues(list, session.configuration),
            local: local.results,
            programs: RunningPrograms(local.running), evidence: evidence)
    }

    static func list(
        _ path: String?, _ console: @Sendable (String) -> Void
    ) throws(CommandError) -> PreflightList {
        let place = path ?? Checklist.path
        let bytes: [UInt8]
        do {
            bytes = try CatalogLoader.bytes(of: place)
        } catch {
            throw CommandError(
                .configuration, "there is no list of checks at \(place)",
                hint: path == nil
                    ? "name one with --list; docs/preflight.md says how to write it" : error.hint)
        }
        let list = PreflightList(bytes, file: place)
        for diagnostic in list.diagnostics { console(diagnostic.rendered) }
        guard list.diagnostics.isEmpty else {
            throw CommandError(
                .badInput,
                "the list has \(list.diagnostics.count == 1 ? "an error" : "\(list.diagnostics.count) errors")",
                hint: "correct it")
        }
        return list
    }
}

extension Session {
    /// The list of this host with those checks of its settings and files that this process can make; no program is started.
    package func checklist() throws(CommandError) -> Checklist {
        let list = try Program.list(nil) { _ in }
        let values = PreflightValues(list, configuration)
        var checks = LocalChecks(values, now: now())
        var evidence: [String: String] = [:]
        for check in list.checks { evidence[check.id] = checks.evidence(of: check) }
        let local = checks.begin(list.checks.filter { !$0.startsProgram })
        return Checklist(
            list: list, session: self, values: values, local: local.results, programs: RunningPrograms([]),
            evidence: evidence)
    }
}

extension Check {
    /// Whether it starts a program on this host.
    package var startsProgram: Bool {
        if case .program = kind { true } else { false }
    }
}

extension Checklist {
    /// The zone called `name`.
    package func zone(_ name: String) throws(CommandError) -> Zone { try session.zone(name) }

    /// The value of an option; nil when it is left out.
    package func duration(_ text: String?, option: String) throws(CommandError) -> Duration? {
        try text.map { text throws(CommandError) in try session.duration(text, option: option) }
    }

    /// Makes the checks that are asked for; what fails is tried again until `wait` has passed. With `allowsPaused` a job that
    /// is only paused is as it is to be.
    package func run(
        wait: Duration = .zero, allowsPaused: Bool = false, _ isAsked: (Check) -> Bool
    ) async throws(CommandError) -> PreflightReport {
        let checks = list.checks.filter(isAsked)
        let end = ContinuousClock.now + wait
        var results = try await results(of: checks, allowsPaused)
        // They ran meanwhile.
        results.merge(programs.results(values)) { $1 }
        while ContinuousClock.now < end {
            let failed = checks.filter { results[$0.id]?.status == .fail }
            guard !failed.isEmpty else { break }
            // A cancelled sleep shortens the wait.
            try? await Task.sleep(for: Self.pause)
            results.merge(try await self.results(of: failed, allowsPaused)) { $1 }
            // What root's rights were needed for is as it was: they are given up.
            guard !session.standpoint.isFromService else { continue }
            var again = LocalChecks(values, now: session.now())
            let (begun, running) = again.begin(failed)
            results.merge(begun) { $1 }
            results.merge(RunningPrograms(running).results(values)) { $1 }
        }
        let signatures = await self.signatures()
        let mask = values.mask(of: list.checks.flatMap(\.names))
        let answers = checks.map { check in
            var result =
                results[check.id]
                ?? CheckResult(.fail, "there was no time for it", hint: "check its group alone")
            if case .manual(let question, _) = check.kind {
                result = signed(check, question, by: signatures)
            }
            result.evidence = mask.masked(result.evidence)
            if result.status != .pass {
                result.hint = (check.hint ?? result.hint).map(mask.masked) ?? "see docs/preflight.md"
            }
            return (check: check, result: result)
        }
        return PreflightReport(
            groups: list.groups, results: answers,
            signatures: Dictionary((try? signatures.get())?.map { ($0.item, $0) } ?? []) { $1 })
    }

    private func results(
        of checks: [Check], _ allowsPaused: Bool
    ) async throws(CommandError) -> [String: CheckResult] {
        let transport = try session.openTransport()
        let records: Result<OpenedStore, CommandError>
        do throws(CommandError) {
            records = .success(try await session.openRecords())
        } catch {
            records = .failure(error)
        }
        let now = session.now()
        let remote = RemoteChecks(
            values: values, transport: transport, userAgent: Program.userAgent, now: now)
        let almanac = AlmanacChecks(
            session: session, values: values, records: records, catalog: session.load().catalog, now: now,
            allowsPaused: allowsPaused)
        let results = await withTaskGroup(of: (String, CheckResult)?.self) { group in
            let asked = checks.filter { local[$0.id] == nil && $0.isRemote }
            for check in asked {
                group.addTask {
                    (check.id, await Self.bounded { await Self.result(of: check, remote, almanac) })
                }
            }
            group.addTask {
                // It ends with the group: cancelled, when all others have ended.
                try? await Task.sleep(for: Self.limit)
                return nil
            }
            var results: [String: CheckResult] = [:]
            while results.count < asked.count {
                // Nothing: the time for all is over.
                guard let next = await group.next(), let (id, result) = next else { break }
                results[id] = result
            }
            group.cancelAll()
            return results
        }
        await transport.shutdown()
        let names = Set(checks.map(\.id))
        return local.filter { names.contains($0.key) }.merging(results) { $1 }
    }

    /// What a check comes to, in its time.
    private static func bounded(_ body: @escaping @Sendable () async -> CheckResult) async -> CheckResult {
        await withTaskGroup(of: CheckResult?.self) { group in
            group.addTask { await body() }
            group.addTask {
                // It ends with the group.
                try? await Task.sleep(for: checkLimit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
                ?? CheckResult(
                    .fail, "no answer within \(checkLimit.components.seconds) s",
                    hint: "is it reached from here?")
        }
    }

    private static func result(
        of check: Check, _ remote: RemoteChecks, _ almanac: AlmanacChecks
    ) async -> CheckResult {
        do throws(ReferencingText.Missing) {
            switch check.kind {
            case .http(let question): return try await remote.result(of: question)
            case .tls(let host, let days): return try await remote.result(of: host, days: days)
            case .sql(let question): return try await remote.result(of: question)
            case .almanac(let question): return try await almanac.result(of: question)
            case .setting, .program, .file, .manual:
                return CheckResult(.fail, "it is not checked here", hint: "run almanac preflight on the host")
            }
        } catch {
            return CheckResult(
                .fail, "\(error.name) is not set", hint: "set it in the list, or in the environment")
        }
    }

    // MARK: Signatures

    private func signatures() async -> Result<[Signature], CommandError> {
        do throws(CommandError) {
            return .success(
                try await session.query { (store) throws(StoreError) in try await store.signatures() })
        } catch {
            return .failure(error)
        }
    }

    private func signed(
        _ check: Check, _ question: String, by signatures: Result<[Signature], CommandError>
    ) -> CheckResult {
        let unsigned = CheckResult(
            .manual, question, hint: "almanac preflight sign \(check.id) --by NAME")
        guard case .success(let known) = signatures,
            let signature = known.first(where: { $0.item == check.id })
        else { return unsigned }
        let text =
            "signed by \(signature.by) at \(Instant(seconds: signature.at.seconds))"
            + (signature.note.map { ": \($0)" } ?? "")
        guard signature.evidence == evidence[check.id] else {
            return CheckResult(
                .warn, text + "; what was signed has changed since", hint: unsigned.hint)
        }
        return CheckResult(.pass, text)
    }

    /// Records that somebody confirms what only a person can say.
    package func sign(_ item: String, by name: String, note: String?) async throws(CommandError) -> Signature
    {
        guard let check = list.checks.first(where: { $0.id == item }) else {
            let near = Spelling.nearest(to: item, in: list.checks.map(\.id))
            throw CommandError(
                .badInput, "no check is called “\(item)”",
                hint: near.map { "did you mean \($0)?" } ?? "`almanac preflight` lists them")
        }
        guard check.isManual else {
            throw CommandError(
                .badInput, "\(item) is checked by the program, and nobody signs it",
                hint: "run almanac preflight --only \(check.group)")
        }
        let signature = Signature(
            item: item, by: name, note: note, at: session.now(), evidence: evidence[check.id] ?? "",
            host: HostID(ProcessInformation.hostName()))
        let opened = try await session.openRecords(ifMissing: .makeIfNamed)
        try await session.ask { () throws(StoreError) in try await opened.store.sign(signature) }
        return signature
    }
}

extension Check {
    /// Whether it asks somebody else than this machine's own files and programs.
    fileprivate var isRemote: Bool {
        switch kind {
        case .http, .tls, .sql, .almanac: true
        case .setting, .program, .file, .manual: false
        }
    }

    /// The names of the values that it refers to.
    fileprivate var names: [String] {
        switch kind {
        case .setting(let setting): [setting.name]
        case .http(let question): question.url.names + question.headers.flatMap(\.names)
        case .sql(let question):
            (question.connection.map { $0.names + [$0.literal] } ?? []) + question.statement.names
        case .tls, .program, .file, .almanac, .manual: []
        }
    }
}
