import API
import CivilTime
import Host
import JobCatalog
import Journal
import Logging
import Operations
import Records
import RunEngine
import Scheduling
import ServiceLifecycle
import Site
import StatusServer
import Systemd
import UnixSignals

/// The services of a daemon, put together from what its start has opened: they begin, reload and stop as one.
struct DaemonServices {
    private let engine: EngineService
    private let listeners: Listeners
    private let daemon: DaemonAPI
    private let hostWatch: HostWatch
    private let pruning: PruningService
    private let reloader: CatalogReloader
    private let journaled: JournaledStore?
    private let board: HealthBoard
    /// Opens with the first turn of the loop.
    private let place: String
    private let gate: Gate
    private let notifier: ServiceNotifier
    private let logger: Logger

    /// Puts the services together; none of them begins. Throws when the system gives the loop no timer.
    init(
        _ start: DaemonStart, session: Session, notifier: ServiceNotifier, logger: Logger
    ) throws(CommandError) {
        let (configuration, store) = (session.configuration, start.records.store)
        let journaled = start.records.journaled
        var facts = HealthFacts(
            host: start.life.host, version: Program.version, storeKind: start.records.kind,
            startedAt: start.life.startedAt, catalog: start.files.catalog)
        facts.instance = start.life.instance
        facts.clockFloor = Program.clockFloor
        facts.exposures = configuration.exposures(of: start.files.values.keys)
        board = HealthBoard(facts, metricsJobsMax: configuration.metricsJobs)
        let box = Box(start.files.values)
        let gate = Gate()
        let hostWatch = HostWatch(store: store, board: board, logger: logger)
        let fileWatcher = Self.watcher(logger)
        let reader = Reader(session, try session.readingStore())
        let tokens = Box(try Access.Tokens(session.tokens()))
        let engine = try EngineService(
            life: start.life, store: store,
            performer: RunPerformer(
                store: store, transport: start.transport, userAgent: Program.userAgent,
                rules: configuration.valueRules, values: { box.value }, now: Clocks.now),
            board: board, logger: logger, settings: start.settings, drainLimit: configuration.drainLimit,
            sleepMax: Self.sleepMax(notifier), beginning: start.beginning, registered: start.registered,
            events: start.events, hostWatch: hostWatch,
            beat: { [events = start.events] status in
                events.refresh()
                gate.open(status)
                notifier.feedWatchdog()
                let outage =
                    journaled?.status.outageSince.map { "the database has been away since \($0); " } ?? ""
                notifier.status(outage + status)
            },
            lookAround: { [board] in
                fileWatcher?.wake()
                board.update { $0.exposures = configuration.exposures(of: box.value.keys) }
                await reader.closeIfIdle()
            })
        engine.follow(start.records)
        let source = BoardSource(board: board, journaled: journaled) { engine.ask() }
        let findings = Box(start.files.warned)
        let daemon = DaemonAPI(
            host: start.life.host, engine: engine, board: board, journaled: journaled, findings: findings,
            reader: reader, tokens: tokens, hostNames: configuration.hostNames, logger: logger)
        let site = Site(daemon, api: API(daemon, now: Clocks.now), now: Clocks.now)
        self.daemon = daemon
        listeners = Listeners(
            start.addresses, connectionsMax: start.connectionsMax, source: source, site: site, logger: logger)
        reloader = CatalogReloader(
            session: session, engine: engine, board: board, box: box, tokens: tokens, findings: findings,
            notifier: notifier, logger: logger, watcher: fileWatcher,
            read: start.files.fingerprint, warned: start.files.warned)
        pruning = PruningService(
            host: start.life.host, store: store, retention: configuration.retention,
            interval: configuration.pruningInterval, board: board, logger: logger)
        (self.journaled, place) = (journaled, start.records.place)
        (self.engine, self.hostWatch, self.gate) = (engine, hostWatch, gate)
        (self.notifier, self.logger) = (notifier, logger)
    }

    /// Runs the services until SIGTERM or SIGINT; each of `hangups` reads the files again.
    func run(reloadingAt hangups: UnixSignalsSequence) async throws {
        // Services stop in the reverse order: the engine drains while its health can still be asked, and its host says
        // goodbye when all has ended.
        let services = listeners.services + [hostWatch, pruning, engine]
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
                    let address = try await listeners.listening()
                    engine.begin()
                    await gate.opened()
                    let jobs = board.facts.catalog.jobs.count
                    logger.info(
                        "ready with \(EnglishList.count(jobs, "job")), records in \(place), health on \(address)",
                        metadata: ["address": "\(address)", "jobs": "\(jobs)", "store": "\(place)"])
                    notifier.ready(status: gate.status)
                    ProcessMemory.release()
                    await withDiscardingTaskGroup { reloads in
                        for await _ in hangups { reloads.addTask { await reloader.reload() } }
                    }
                }
                tasks.addTask { await handle(stops, group) }
                if let journaled { tasks.addTask { await journaled.run() } }
                tasks.addTask { await daemon.runErrands() }
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
            throw listeners.explained(error)
        }
    }

    /// The first signal stops the services, the second what is under way.
    private func handle(_ stops: UnixSignalsSequence, _ group: ServiceGroup) async {
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
    /// The longest sleep of the loop: at most half of the watchdog's interval, which sd_watchdog_enabled(3)
    /// advises.
    private static func sleepMax(_ notifier: ServiceNotifier) -> Duration {
        min(EngineLimits.sleepMax, (notifier.watchdogInterval ?? .seconds(3600)) / 2)
    }

    /// What notices changed schedule files; nil when the system gives none.
    private static func watcher(_ logger: Logger) -> FileWatcher? {
        do throws(HostError) {
            return try FileWatcher()
        } catch {
            logger.warning(
                "changes to schedule files are noticed only once a minute",
                metadata: ["error": "\(error.message)", "hint": "\(error.hint ?? "")"])
            return nil
        }
    }
}
