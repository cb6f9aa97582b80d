import API
import Host
import JobCatalog
import Logging
import Operations
import Records
import RunEngine
import ScheduleFiles
import Scheduling
import Synchronization
import Systemd

/// Reads schedule files and values again when somebody asks, when their files change, and when a time zone does.
///
/// All of it comes into force, or nothing: then the jobs stay as they were, and health says why.
actor CatalogReloader {
    /// Why files are read.
    private enum Cause: String {
        /// Somebody asked for it.
        case asked
        /// They changed.
        case files = "files changed"
        /// Zone data changed.
        case zones = "zone data changed"
        /// The last time failed, and perhaps not for what is in the files.
        case failure = "the last reload failed"
    }

    private let session: Session
    private let engine: EngineService
    private let board: HealthBoard
    private let box: Box<[String: String]>
    private let tokens: Box<Access.Tokens>
    /// What the files had when they were read last, for whoever looks at the service's page.
    private let findings: Box<[Diagnostic]>
    private let notifier: ServiceNotifier
    private let logger: Logger
    private let watcher: FileWatcher?
    private let paths: [String]
    private let valueFiles: [String]
    private var settling: FileSettling
    /// The warnings that are logged already.
    private var warned: Set<Diagnostic>
    /// Why the last reload failed; nil when it did not.
    private var problem: String?
    /// Whether somebody has asked for a reload that has not begun.
    private var isAsked = false
    /// The reloads that have ended.
    private let ended = Atomic(0)

    /// How often the files of time zones are looked at, and schedule files whatever the watcher says: some file systems
    /// tell it nothing.
    private static let lookInterval: Duration = .seconds(50)
    /// Who asks is not kept waiting for longer by files that never stay the same: 20 s.
    private static let looksMax = 10
    /// More changes than these are not logged one by one.
    private static let changesLoggedMax = 100

    /// A reloader for what was read at the start, as files that were `read` like this with these warnings. `watcher` is
    /// also woken about once a minute.
    init(
        session: Session, engine: EngineService, board: HealthBoard, box: Box<[String: String]>,
        tokens: Box<Access.Tokens>, findings: Box<[Diagnostic]>,
        notifier: ServiceNotifier,
        logger: Logger, watcher: FileWatcher?, read: FileFingerprint, warned: [Diagnostic]
    ) {
        self.session = session
        self.engine = engine
        self.board = board
        self.box = box
        self.tokens = tokens
        self.findings = findings
        self.notifier = notifier
        self.logger = logger
        self.watcher = watcher
        paths = session.configuration.scheduleDirectories
        valueFiles = session.configuration.valueFiles
        settling = FileSettling(read: read)
        self.warned = Set(warned)
    }

    /// Reads everything because somebody asked: at once, or when the files have been the same for a while if they were
    /// changed. Who asks meanwhile is served by it, too.
    func reload() async {
        // Also for the second of two: the service manager waits for a word that is younger than its signal.
        notifier.reloading(status: "reading schedule files")
        guard !isAsked else { return }
        isAsked = true
        defer { isAsked = false }
        var seen = fingerprint
        var isSettled = settling.isRead(seen)
        for _ in 1...Self.looksMax where !isSettled {
            // Cut short by the end of the daemon.
            guard (try? await Task.sleep(for: FileSettling.interval)) != nil else { return }
            let now = fingerprint
            isSettled = now == seen
            seen = now
        }
        reload(.asked)
    }

    /// The files as they are now.
    private var fingerprint: FileFingerprint { FileFingerprint(paths, others: valueFiles) }

    /// Reads everything whenever it changes, until the task is cancelled.
    func keepWatching() async {
        let clock = ContinuousClock()
        var lookedAt = clock.now
        var followed: [String] = []
        while !Task.isCancelled {
            let files = paths + fingerprint.files
            if files != followed {
                followed = files
                await watcher?.follow(files)
            }
            if await look() == .settling {
                // A cancelled sleep ends the loop by its condition.
                try? await Task.sleep(for: FileSettling.interval)
                continue
            }
            if lookedAt.duration(to: clock.now) >= Self.lookInterval {
                lookedAt = clock.now
                lookAtZones()
            }
            if let watcher {
                await watcher.wait()
            } else {
                try? await Task.sleep(for: Self.lookInterval)
            }
        }
    }

    private func look() async -> FileSettling.Verdict {
        let verdict = settling.look(fingerprint)
        if verdict == .settled { reload(.files) }
        return verdict == .unchanged ? .unchanged : .settling
    }

    private func lookAtZones() {
        if session.zones.refreshed() {
            logger.notice(
                "zone data changed", metadata: ["version": "\(session.zones.dataVersion ?? "unknown")"])
            engine.note(.zoneData, "the zone data is \(session.zones.dataVersion ?? "unknown") now")
            reload(.zones)
        } else if problem != nil {
            reload(.failure)
        }
    }

    /// Reads files and values again; all of it comes into force, or nothing.
    private func reload(_ cause: Cause) {
        if cause != .failure, cause != .asked { notifier.reloading(status: "reading schedule files") }
        let before = fingerprint
        let (catalog, diagnostics) = session.load()
        guard cause == .asked || fingerprint == before else {
            // Written meanwhile: the next look finds them changed again.
            return notifier.ready(status: "schedule files are being written")
        }
        settling.didRead(before)
        findings.value = diagnostics
        do throws(CommandError) {
            let values = try usable(catalog, diagnostics)
            let read = Access.Tokens(try session.tokens())
            warn(diagnostics)
            problem = nil
            engine.reload(catalog) { [self] in
                let changed = values.filter { box.value[$0.key] != $0.value }.keys.sorted()
                box.value = values
                tokens.value = read
                for name in changed { logger.notice("\(name) changed: used from the next request on") }
                cameIntoForce(catalog, cause)
            }
            // Said before the store knows the jobs: the service manager would take the wait for a failure.
            notifier.ready(status: "reloading \(catalog.jobs.count) jobs")
        } catch {
            refuse(error, cause)
        }
    }

    /// The values of a catalog without an error.
    private func usable(
        _ catalog: Catalog, _ diagnostics: [Diagnostic]
    ) throws(CommandError) -> [String: String] {
        if let error = Session.untrusted(diagnostics) ?? Session.error(of: diagnostics) { throw error }
        try session.checkRetention(catalog)
        return try session.values(for: catalog.jobs)
    }

    private func refuse(_ error: CommandError, _ cause: Cause) {
        let isNews = error.message != problem || cause == .asked
        problem = error.message
        board.update { $0.reloadProblem = "the schedule files were not reloaded: \(error.message)" }
        tell(board.read(\.catalog.jobs.count), error.message)
        if isNews {
            logger.error(
                "reload failed: \(error.message); jobs and values stay as they were",
                metadata: ["cause": "\(cause.rawValue)", "hint": "\(error.hint ?? "")"])
        }
        if cause != .failure { notifier.ready(status: "reload failed: \(error.message)") }
    }

    /// Tells whoever waits for a reload that one has ended.
    private nonisolated func tell(_ jobs: Int, _ problem: String?) {
        let number = ended.add(1, ordering: .relaxed).newValue
        let report = ReloadReport(
            process: ProcessInformation.processID, number: number, jobs: jobs, problem: problem)
        do throws(HostError) {
            try report.write(to: session.configuration.stateDirectory)
        } catch {
            logger.warning(
                "who asked for a reload is not told of its end", metadata: ["error": "\(error.message)"])
        }
    }

    /// Logs the warnings that are new.
    private func warn(_ diagnostics: [Diagnostic]) {
        let warnings = diagnostics.filter { $0.severity == .warning }
        for warning in warnings where !warned.contains(warning) { logger.warning(warning) }
        warned = Set(warnings)
    }

    private nonisolated func cameIntoForce(_ catalog: Catalog, _ cause: Cause) {
        let changes = board.facts.catalog.changes(to: catalog, now: Clocks.now())
        board.update { $0.reloadProblem = nil }
        tell(catalog.jobs.count, nil)
        func count(_ kind: JobChange.Kind) -> Int { changes.count { $0.kind == kind } }
        logger.info(
            "reloaded \(EnglishList.count(catalog.jobs.count, "job")): \(count(.added)) added, \(count(.removed)) removed, \(count(.changed)) changed",
            metadata: [
                "cause": "\(cause.rawValue)", "added": "\(count(.added))", "removed": "\(count(.removed))",
                "changed": "\(count(.changed))", "jobs": "\(catalog.jobs.count)",
            ])
        for change in changes.prefix(Self.changesLoggedMax) {
            var metadata: Logger.Metadata = ["job": "\(change.job)", "next": "\(change.effect)"]
            if !change.parts.isEmpty { metadata["change"] = "\(change.parts.joined(separator: ", "))" }
            let parts = change.parts.isEmpty ? "" : " (\(change.parts.joined(separator: ", ")))"
            let message: Logger.Message =
                switch change.kind {
                case .added: "\(change.job) added: \(change.effect)"
                case .removed: "\(change.job) removed"
                case .changed: "\(change.job) changed\(parts): \(change.effect)"
                }
            logger.info(message, metadata: metadata)
        }
        let rest = changes.count - Self.changesLoggedMax
        if rest > 0 { logger.info("more jobs changed", metadata: ["jobs": "\(rest)"]) }
        if !changes.isEmpty {
            engine.note(
                .reload,
                "\(cause.rawValue): \(EnglishList.count(count(.added), "job")) added, \(count(.removed)) removed, \(count(.changed)) changed"
            )
        }
    }
}

extension Logger {
    /// Logs what is doubtful in a schedule file.
    func warning(_ diagnostic: Diagnostic) {
        warning(
            "\(diagnostic.place): \(diagnostic.message)",
            metadata: [
                "place": "\(diagnostic.place)", "code": "\(diagnostic.code)",
                "detail": "\(diagnostic.message)",
            ])
    }
}
