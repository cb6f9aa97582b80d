import CivilTime
import CurlTransport
import Host
import JobCatalog
import Journal
import Logging
package import Operations
import Records
import RunEngine
import RunModel
import ScheduleFiles
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

    /// Tells the service manager, which shows it, why there is no daemon.
    package static func tellManager(of error: CommandError) {
        let first = error.message.split(separator: "\n").first ?? ""
        ServiceNotifier(logger: Logger(label: "almanac") { _ in SwiftLogNoOpLogHandler() })
            .status("cannot start: \(first)")
    }

    /// Runs until SIGTERM or SIGINT; an error of the start is also what the service manager shows of the service.
    package func run() async throws -> ExitStatus {
        do {
            return try await serve()
        } catch let error as CommandError {
            let lines = error.message.split(separator: "\n")
            notifier.status("cannot start: \(lines.first ?? "")")
            guard LogHandlers.isErrorJournal else { throw error }
            logger.critical("cannot start: \(error.message)", metadata: ["hint": "\(error.hint ?? "")"])
            if let hint = error.hint { logger.critical("hint: \(hint)") }
            return error.code
        }
    }

    /// Runs until SIGTERM or SIGINT.
    ///
    /// The order is that of dependence: settings, files, values, state directory, store, listener; ready only
    /// after all of them.
    private func serve() async throws -> ExitStatus {
        // From now on SIGHUP ends nothing: a reload that is asked for during the start follows it. SIGTERM does, until
        // something is begun that must be ended.
        let hangups = await UnixSignalsSequence(trapping: [.sighup])
        notifier.status("reading schedule files")
        try session.checkSettings()
        for problem in session.configuration.doubts { logger.warning("\(problem)") }
        try checkDescriptors()
        let files = try readFiles()
        for exposure in session.configuration.exposures(of: files.values.keys) {
            logger.warning("\(exposure)")
        }
        let addresses = try listenAddresses()
        let directory = session.configuration.stateDirectory
        let host = try takeStateDirectory(directory)
        let events = HostEvents(directory, logger: logger)
        notifier.status("opening the store")
        let registered = Box(files.catalog)
        let records = try await openStore(for: host, registered)
        let life = HostLife(host, directory, holdsStore: records.journaled == nil)
        let beginning = try await prepare(records.store, files.catalog, life, events)
        let transport = try session.openTransport()
        let services = try DaemonServices(
            DaemonStart(
                files: files, addresses: addresses, connectionsMax: budget.connections, life: life,
                events: events, records: records,
                registered: registered, settings: settings, beginning: beginning, transport: transport),
            session: session, notifier: notifier, logger: logger)
        try await services.run(reloadingAt: hangups)
        await transport.shutdown()
        logger.info("stopped")
        return .done
    }

    /// Reads the schedule files and the values that their jobs need.
    private func readFiles() throws(CommandError) -> DaemonStart.Files {
        // Before they are read: what changes meanwhile is read again.
        let fingerprint = FileFingerprint(
            session.configuration.scheduleDirectories, others: session.configuration.valueFiles)
        var warned: [Diagnostic] = []
        let catalog = try session.catalog(isDaemon: true) { diagnostic in
            warned.append(diagnostic)
            logger.warning(diagnostic)
        }
        try session.checkRetention(catalog)
        return DaemonStart.Files(
            fingerprint: fingerprint, warned: warned, catalog: catalog,
            values: try session.values(for: catalog.jobs))
    }

    /// Where to listen: the sockets that the service manager passes, and in place of those that it does not the addresses of
    /// the configuration.
    private func listenAddresses() throws(CommandError) -> DaemonStart.Addresses {
        let passed: [PassedSocket]
        do throws(SystemdError) {
            passed = try PassedSocket.ofProcess()
        } catch {
            throw CommandError(.configuration, error.description, hint: error.hint)
        }
        let path = session.configuration.socket
        func isForMembers(_ socket: PassedSocket) -> Bool { path != nil && socket.path == path }
        let others = passed.filter { !isForMembers($0) }
        guard others.count <= 1 else {
            throw CommandError(
                .configuration,
                "\(others.count) sockets were passed for the status address, and one is listened on",
                hint: "leave one of them in the .socket unit, beside \(path ?? InstalledService.socketPath)")
        }
        func address(_ name: String, _ text: String) throws(CommandError) -> ListenAddress {
            do {
                return try ListenAddress(parsing: text)
            } catch {
                throw CommandError(.configuration, "\(name): \(error)", hint: error.hint)
            }
        }
        let status: ListenAddress =
            if let socket = others.first {
                .passed(descriptor: socket.descriptor)
            } else {
                try address("ALMANAC_LISTEN", session.configuration.listen)
            }
        if let socket = passed.first(where: isForMembers) {
            return .init(status: status, members: .passed(descriptor: socket.descriptor))
        }
        return .init(
            status: status,
            members: try path.map { path throws(CommandError) in
                try address("ALMANAC_SOCKET", "unix:" + path)
            })
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

    /// The store, whose schema fits; a database with the journal in front of it, which has begun.
    private func openStore(
        for host: HostID, _ registered: Box<Catalog>
    ) async throws(CommandError) -> DaemonStart.Records {
        let opened = try await session.openRecords(
            ifMissing: .make, migrates: session.configuration.migrates, isDaemon: true)
        // So that a command notices that the daemon has another, since its settings were changed after its start.
        try? StateDirectory.note(opened.place, in: session.configuration.stateDirectory)
        guard opened.kind != "sqlite" else {
            return DaemonStart.Records(
                store: opened.store, journaled: nil, kind: opened.kind, place: opened.place)
        }
        let news = Box<JournalReader>({ _ in })
        let journaled = session.journaled(
            opened.store, host: host, registered, news: news, logger: logger)
        try await session.ask { () throws(StoreError) in try await journaled.start() }
        return DaemonStart.Records(
            store: journaled, journaled: journaled, news: news, kind: opened.kind, place: opened.place)
    }

    /// Makes the jobs known, and takes over what an earlier daemon of this host left behind; with a clock that cannot be
    /// right that waits.
    private func prepare(
        _ store: any DaemonStore, _ catalog: Catalog, _ life: HostLife, _ events: HostEvents
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
                    catalog, life, store, settings, events, isFirst: true, logger)
            })
    }

    /// How the engine treats the time after a start: catch-up runs wait until the machine has been up for a while.
    private var settings: EngineSettings {
        var settings = session.configuration.engine
        settings.startDelay = max(settings.startDelay - Clocks.sinceBoot(), .zero)
        settings.clockFloor = Program.clockFloor
        settings.requestsMax = budget.requests
        return settings
    }

    /// What of the descriptors that the system lets the daemon have is for what.
    private var budget: DescriptorBudget {
        let wanted = session.configuration.engine.requestsMax
        return DescriptorBudget(
            limit: Descriptors.allow(DescriptorBudget.wanted(forRequests: wanted)), requestsMax: wanted)
    }

    /// Says so when the limit of descriptors has no room for as many requests as may be made at once; throws when it has none for
    /// the daemon itself.
    private func checkDescriptors() throws(CommandError) {
        let (budget, wanted) = (budget, session.configuration.engine.requestsMax)
        let hint =
            "raise LimitNOFILE= of the unit, or ulimit -n, to \(DescriptorBudget.wanted(forRequests: wanted))"
        guard budget.limit >= DescriptorBudget.least else {
            throw CommandError(
                .configuration,
                "the limit of open files is \(budget.limit), and a daemon needs \(DescriptorBudget.least) at the least",
                hint: hint)
        }
        guard budget.requests < wanted else { return }
        logger.warning(
            "the limit of open files, \(budget.limit), has room for \(budget.requests) of \(wanted) requests at once",
            metadata: ["hint": "\(hint)"])
    }
}
