import CivilTime
import CurlTransport
import Host
import JobCatalog
import Journal
import Logging
import RunEngine
import RunModel
import ScheduleFiles
import ServiceLifecycle
import StatusServer
import Synchronization
import Systemd
import UnixSignals

/// The service: reads, checks, connects, then waits for what is due until it is told to stop.
package struct DaemonProgram: Sendable {
    private let session: Session
    private let logger: Logger
    private let notifier: ServiceNotifier

    /// The daemon of a session.
    package init(_ session: Session) {
        self.session = session
        let level = session.configuration.logLevel
        var logger = Logger(label: "almanac") { _ in
            LogHandlers.make(
                identifier: "almanac", level: level,
                timestamp: { Instant(seconds: Clocks.now().seconds).rfc3339 })
        }
        logger.logLevel = level
        self.logger = logger
        notifier = ServiceNotifier(logger: logger)
    }

    /// Runs until SIGTERM or SIGINT.
    ///
    /// The order is that of dependence: settings, files, values, state directory, store, listener; ready only
    /// after all of them.
    package func run() async throws -> ExitStatus {
        notifier.status("reading schedule files")
        try session.checkSettings()
        let catalog = try session.catalog { diagnostic in
            logger.warning(
                "schedule file",
                metadata: [
                    "place": "\(diagnostic.place)", "code": "\(diagnostic.code)",
                    "detail": "\(diagnostic.message)",
                ])
        }
        let box = ValueBox(try session.values(for: catalog.jobs))
        let address = try listenAddress()
        let directory = session.configuration.stateDirectory
        let identity = try session.onHost { () throws(HostError) in
            try StateDirectory.make(directory)
            try StateDirectory.lock(directory)
            return try StateDirectory.identity(directory)
        }
        let host = HostID("\(ProcessInformation.hostName())/\(identity)")
        notifier.status("opening the store")
        let (opened, kind) = try await session.openFittingStore()
        let journaled = kind == "sqlite" ? nil : session.journaled(opened, host: host, logger: logger)
        if let journaled { try await session.ask { () throws(StoreError) in try await journaled.start() } }
        let store: any Store = journaled ?? opened
        let start = try await prepare(store, catalog, host)
        let transport = try session.openTransport()
        let board = HealthBoard(
            HealthFacts(
                host: host, version: Program.version, storeKind: kind, startedAt: Clocks.now(),
                catalog: catalog))
        let gate = Gate()
        let engine = try EngineService(
            host: host, store: store,
            performer: RunPerformer(
                store: store, transport: transport, userAgent: Program.userAgent, values: { box.values },
                now: Clocks.now),
            board: board, logger: logger, settings: session.configuration.engine,
            drainLimit: session.configuration.drainLimit, sleepMax: sleepMax,
            start: start,
            beat: { [notifier] status in
                gate.open(status)
                notifier.feedWatchdog()
                notifier.status(status)
            })
        let server = StatusServer(
            listen: address, source: BoardSource(board: board, journaled: journaled), logger: logger)
        try await serve(engine, server, journaled, gate: gate, board: board, box: box)
        await transport.shutdown()
        logger.info("stopped")
        return .done
    }

    /// How often the files of the time zones are looked at: an update of tzdata is in force a minute later.
    private static let zonesInterval: Duration = .seconds(60)

    /// The longest sleep of the loop: at most half of the watchdog's interval, which sd_watchdog_enabled(3)
    /// advises.
    private var sleepMax: Duration {
        min(EngineLimits.sleepMax, (notifier.watchdogInterval ?? .seconds(3600)) / 2)
    }

    /// The socket that the service manager passes, else the address of the configuration.
    private func listenAddress() throws(CommandError) -> ListenAddress {
        do throws(SystemdError) {
            if let passed = try PassedSocket.ofProcess() { return .passed(descriptor: passed.descriptor) }
        } catch {
            throw CommandError(.configuration, error.description, hint: error.hint)
        }
        do {
            return try ListenAddress(parsing: session.configuration.listen)
        } catch {
            throw CommandError(.configuration, "ALMANAC_LISTEN: \(error)", hint: error.hint)
        }
    }

    /// Makes the jobs known, and takes over what an earlier daemon of this host left behind.
    private func prepare(
        _ store: any RunStore, _ catalog: Catalog, _ host: HostID
    ) async throws(CommandError) -> Event {
        try await session.ask { () throws(StoreError) in
            let watermarks = try await store.register(
                catalog.registrations, by: host, now: Clocks.now()
            ).mapValues(\.watermark)
            // What is taken over is leased to this host anew, so that only the first call may ask for all of
            // its own.
            let limit = 10 * EngineLimits.takeOverMax
            let abandoned = try await store.takeOver(
                host: host, hostRestarted: true, lease: session.configuration.engine.lease, limit: limit)
            return .loaded(catalog, watermarks: watermarks, abandoned: abandoned)
        }
    }

    private func serve(
        _ engine: EngineService, _ server: StatusServer, _ journaled: JournaledStore?, gate: Gate,
        board: HealthBoard, box: ValueBox
    ) async throws {
        // Services stop in the reverse order: the engine drains while its health can still be asked.
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: server, successTerminationBehavior: .gracefullyShutdownGroup),
                    .init(service: engine, successTerminationBehavior: .gracefullyShutdownGroup),
                ], logger: logger))
        let signals = await UnixSignalsSequence(trapping: [.sigterm, .sigint, .sighup])
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                tasks.addTask {
                    // Nothing is claimed before the listener is there: a daemon that cannot start must take no run.
                    let address = try await server.listening()
                    engine.begin()
                    await gate.opened()
                    logger.info(
                        "ready",
                        metadata: ["address": "\(address)", "jobs": "\(board.facts.catalog.jobs.count)"])
                    notifier.ready(status: gate.status)
                    try await Task.sleep(for: .seconds(Int64.max / 4))
                }
                tasks.addTask { await handle(signals, group, engine, board, box) }
                if let journaled { tasks.addTask { await journaled.run() } }
                tasks.addTask {
                    while true {
                        try await Task.sleep(for: Self.zonesInterval)
                        guard session.zones.refreshed() else { continue }
                        logger.notice(
                            "zone data changed",
                            metadata: ["version": "\(session.zones.dataVersion ?? "unknown")"])
                        reload(engine, board, box)
                    }
                }
                // The first to end is the group, or something that failed.
                try await tasks.next()
                tasks.cancelAll()
            }
        } catch let error as StatusServerError {
            throw CommandError(.configuration, "ALMANAC_LISTEN: \(error)", hint: error.hint)
        }
    }

    private func handle(
        _ signals: UnixSignalsSequence, _ group: ServiceGroup, _ engine: EngineService, _ board: HealthBoard,
        _ box: ValueBox
    ) async {
        var isStopping = false
        for await signal in signals {
            if signal == .sighup {
                if !isStopping { reload(engine, board, box) }
            } else if isStopping {
                logger.notice("stopping at once", metadata: ["signal": "\(signal)"])
                engine.hurry()
            } else {
                isStopping = true
                logger.info("stopping", metadata: ["signal": "\(signal)"])
                notifier.stopping(status: "stopping")
                await group.triggerGracefulShutdown()
            }
        }
    }

    /// Reads files and values again; all of it comes into force, or nothing.
    private func reload(_ engine: EngineService, _ board: HealthBoard, _ box: ValueBox) {
        notifier.reloading(status: "reading schedule files")
        let (catalog, diagnostics) = session.load()
        let errors = diagnostics.filter { $0.severity == .error }
        do throws(CommandError) {
            if let first = errors.first {
                throw CommandError(
                    .badInput,
                    "\(errors.count) error\(errors.count == 1 ? "" : "s"), the first: \(first.rendered)",
                    hint: "run `almanac check`")
            }
            let values = try session.values(for: catalog.jobs)
            engine.reload(catalog) { [logger] in
                let change = board.facts.catalog.difference(to: catalog)
                box.values = values
                board.update { $0.reloadProblem = nil }
                logger.info(
                    "reloaded",
                    metadata: [
                        "added": .array(change.added.map { "\($0)" }),
                        "removed": .array(change.removed.map { "\($0)" }),
                        "changed": .array(change.changed.map { "\($0)" }), "jobs": "\(catalog.jobs.count)",
                    ])
            }
            // Said before the store knows the jobs: the service manager would take the wait for a failure.
            notifier.ready(status: "reloading \(catalog.jobs.count) jobs")
        } catch {
            board.update { $0.reloadProblem = "the schedule files were not reloaded: \(error.message)" }
            logger.error(
                "not reloaded, the jobs stay as they were",
                metadata: ["error": "\(error.message)", "hint": "\(error.hint ?? "")"])
            notifier.ready(status: "the last reload failed, the jobs stay as they were")
        }
    }
}
