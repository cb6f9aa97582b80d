import CivilTime
import CurlTransport
import Host
import JobCatalog
import Journal
import Logging
package import Operations
import RunEngine
import RunModel
import ScheduleFiles
import ServiceLifecycle
import StatusServer
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
        // From now on SIGHUP ends nothing: a reload that is asked for during the start follows it. SIGTERM does, until
        // something is begun that must be ended.
        let hangups = await UnixSignalsSequence(trapping: [.sighup])
        notifier.status("reading schedule files")
        try session.checkSettings()
        // Before they are read: what changes meanwhile is read again.
        let read = FileFingerprint(
            session.configuration.scheduleDirectories, others: session.configuration.valueFiles)
        var warned: [Diagnostic] = []
        let catalog = try session.catalog { diagnostic in
            warned.append(diagnostic)
            logger.warning(diagnostic)
        }
        try session.checkRetention(catalog)
        let box = ValueBox(try session.values(for: catalog.jobs))
        let address = try listenAddress()
        let directory = session.configuration.stateDirectory
        let host = try takeStateDirectory(directory)
        let events = HostEvents(directory, logger: logger)
        notifier.status("opening the store")
        let (opened, kind) = try await session.openFittingStore()
        let journaled = kind == "sqlite" ? nil : session.journaled(opened, host: host, logger: logger)
        if let journaled { try await session.ask { () throws(StoreError) in try await journaled.start() } }
        let store: any Store = journaled ?? opened
        let beginning = try await prepare(store, catalog, host, events)
        let transport = try session.openTransport()
        var facts = HealthFacts(
            host: host, version: Program.version, storeKind: kind, startedAt: Clocks.now(), catalog: catalog)
        facts.clockFloor = Program.clockFloor
        let board = HealthBoard(facts)
        let gate = Gate()
        let hostWatch = HostWatch(store: store, board: board, logger: logger)
        let fileWatcher = watcher()
        let engine = try EngineService(
            host: host, store: store,
            performer: RunPerformer(
                store: store, transport: transport, userAgent: Program.userAgent,
                rules: session.configuration.valueRules, values: { box.values }, now: Clocks.now),
            board: board, logger: logger, settings: settings, drainLimit: session.configuration.drainLimit,
            sleepMax: sleepMax, beginning: beginning, events: events, hostWatch: hostWatch,
            beat: { [notifier] status in
                events.refresh()
                gate.open(status)
                notifier.feedWatchdog()
                notifier.status(status)
            }, lookAround: { fileWatcher?.wake() })
        let source = BoardSource(board: board, journaled: journaled) { engine.ask() }
        let server = StatusServer(listen: address, source: source, logger: logger)
        let reloader = CatalogReloader(
            session: session, engine: engine, board: board, box: box, notifier: notifier, logger: logger,
            watcher: fileWatcher, read: read, warned: warned)
        let pruning = PruningService(
            host: host, store: store, retention: session.configuration.retention,
            interval: session.configuration.pruningInterval, board: board, logger: logger)
        let others: [any Service] = [hostWatch, pruning]
        try await serve(engine, server, others, journaled, reloader, hangups, gate: gate, board: board)
        await transport.shutdown()
        logger.info("stopped")
        return .done
    }

    /// The longest sleep of the loop: at most half of the watchdog's interval, which sd_watchdog_enabled(3)
    /// advises.
    private var sleepMax: Duration {
        min(EngineLimits.sleepMax, (notifier.watchdogInterval ?? .seconds(3600)) / 2)
    }

    /// Makes the state directory this daemon's alone, and answers the host's identity that is kept in it.
    private func takeStateDirectory(_ directory: String) throws(CommandError) -> HostID {
        do throws(HostError) {
            try StateDirectory.make(directory)
            try StateDirectory.lock(directory)
            return HostID("\(ProcessInformation.hostName())/\(try StateDirectory.identity(directory))")
        } catch {
            throw CommandError(error)
        }
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

    /// Makes the jobs known, and takes over what an earlier daemon of this host left behind; with a clock that cannot be
    /// right that waits.
    private func prepare(
        _ store: any RunStore, _ catalog: Catalog, _ host: HostID, _ events: HostEvents
    ) async throws(CommandError) -> EngineService.Beginning {
        guard Clocks.now() >= Program.clockFloor else {
            logger.warning(
                "waiting for the clock, which cannot be right",
                metadata: ["now": "\(Clocks.now())", "floor": "\(Program.clockFloor)"])
            return .whenClockIsSet(catalog)
        }
        return .prepared(
            try await session.ask { () throws(StoreError) in
                try await EngineService.register(
                    catalog, host, store, settings, events, isFirst: true, logger)
            })
    }

    /// How the engine treats the time after a start: what is made up for waits until the machine has been up for a while.
    private var settings: EngineSettings {
        var settings = session.configuration.engine
        settings.startDelay = max(settings.startDelay - Clocks.sinceBoot(), .zero)
        settings.clockFloor = Program.clockFloor
        return settings
    }

    /// What notices changed schedule files; nil when the system gives none.
    private func watcher() -> FileWatcher? {
        do throws(HostError) {
            return try FileWatcher()
        } catch {
            logger.warning(
                "changes to schedule files are noticed only once a minute",
                metadata: ["error": "\(error.message)", "hint": "\(error.hint ?? "")"])
            return nil
        }
    }

    private func serve(
        _ engine: EngineService, _ server: StatusServer, _ others: [any Service],
        _ journaled: JournaledStore?, _ reloader: CatalogReloader, _ hangups: UnixSignalsSequence, gate: Gate,
        board: HealthBoard
    ) async throws {
        // Services stop in the reverse order: the engine drains while its health can still be asked, and its host says
        // goodbye when all has ended.
        let services: [any Service] = [server] + others + [engine]
        let group = ServiceGroup(
            configuration: .init(
                services: services.map {
                    .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
                }, logger: logger))
        let stops = await UnixSignalsSequence(trapping: [.sigterm, .sigint])
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
                    ProcessMemory.release()
                    await withDiscardingTaskGroup { reloads in
                        for await _ in hangups { reloads.addTask { await reloader.reload() } }
                    }
                }
                tasks.addTask { await handle(stops, group, engine) }
                if let journaled { tasks.addTask { await journaled.run() } }
                tasks.addTask {
                    // What changes before the first turn is found then.
                    await gate.opened()
                    await reloader.keepWatching()
                    try Task.checkCancellation()
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
        _ stops: UnixSignalsSequence, _ group: ServiceGroup, _ engine: EngineService
    ) async {
        var isStopping = false
        for await signal in stops {
            if isStopping {
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
}
