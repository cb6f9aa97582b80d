import API
import CivilTime
import Exposition
import Host
import JobCatalog
import Journal
import Logging
import Operations
import Pages
import Preflight
import Records
import RunEngine
import RunModel
import Synchronization

/// The daemon as the API asks it.
final class DaemonAPI: APISource {
    let host: HostID
    private let engine: EngineService
    let board: HealthBoard
    let journaled: JournaledStore?
    /// What the schedule files had when they were read last.
    let findings: Box<[Diagnostic]>
    let audits: Errand<JobsPage.Audit>
    let checklists: Errand<Result<PreflightReport, CommandError>>
    private let reader: Reader
    private let tokens: Box<Access.Tokens>
    private let hostNames: Set<String>
    private let logger: Logger
    /// When a refused token was logged last, and how many were refused since.
    private let refusals = Mutex<(toldAt: ContinuousClock.Instant?, untold: Int)>((nil, 0))

    init(
        host: HostID, engine: EngineService, board: HealthBoard, journaled: JournaledStore?,
        findings: Box<[Diagnostic]>, reader: Reader, tokens: Box<Access.Tokens>, hostNames: Set<String>,
        logger: Logger
    ) {
        self.journaled = journaled
        self.findings = findings
        audits = Errand { await reader.session(for: "").auditOfDay() }
        checklists = Errand { await reader.session(for: "").goThroughChecklist() }
        self.host = host
        self.engine = engine
        self.board = board
        self.reader = reader
        self.tokens = tokens
        self.hostNames = hostNames
        self.logger = logger
    }

    var access: Access { Access(tokens: tokens.value, hostNames: hostNames) }

    /// Does what takes a while, until the task is cancelled.
    func runErrands() async {
        async let audited: Void = audits.run()
        await checklists.run()
        await audited
    }

    func jobs(
        after name: JobName?, atMost limit: Int, at level: HealthStatus?, now: Instant
    ) -> (jobs: [JobStatus], hasMore: Bool) {
        board.jobs(after: name, atMost: limit, at: level, now: now)
    }

    func job(_ name: JobName, now: Instant) -> JobStatus? { board.job(name, now: now) }

    func hosts() -> [HostSighting] { board.read(\.hosts) }

    func session(caller: String) -> Session { reader.session(for: caller) }

    func run(
        _ record: RunRecord, of job: Job, ignoresPause: Bool
    ) async throws(CommandError) -> ClaimAnswer {
        guard board.read({ $0.beatAt != nil && !$0.isStopping }) else {
            throw CommandError(.unavailable, "the daemon is starting or stopping", hint: "ask again")
        }
        return try await engine.take(record, of: job, ignoresPause: ignoresPause)
    }

    func cancel(_ id: RunID, by caller: String) {
        logger.notice("run cancelled", metadata: ["run": "\(id)", "by": "\(caller)"])
        engine.mailbox.put(.cancel(id, by: caller))
    }

    func refresh() { engine.ask() }

    func learn(_ pauses: [Pause]) { engine.learn(pauses) }

    /// A line a minute: whoever guesses must not fill the log.
    private static let refusalPause: Duration = .seconds(60)

    func refused(_ peer: String) {
        board.count { $0.authFailures += 1 }
        let untold: Int? = refusals.withLock { refusals in
            guard refusals.toldAt.map({ $0.duration(to: .now) > Self.refusalPause }) ?? true else {
                refusals.untold += 1
                return nil
            }
            defer { refusals = (.now, 0) }
            return refusals.untold
        }
        guard let untold else { return }
        let others = untold > 0 ? ", and \(untold) others since the last line about it" : ""
        logger.notice("a token was refused\(others)", metadata: ["peer": "\(peer)"])
    }
}

/// Lends a store to those who read for the API: a connection of its own, made when it is asked and closed when nobody asks.
final class Reader: Sendable {
    private let session: Session
    private let opened: OpenedStore
    private let askedAt = Mutex(ContinuousClock.now)

    private static let idleMax: Duration = .seconds(60)

    init(_ session: Session, _ opened: OpenedStore) {
        self.session = session
        self.opened = opened
    }

    /// A session that asks the lent store in the name of `caller`.
    func session(for caller: String) -> Session {
        askedAt.withLock { $0 = .now }
        return session.lending(opened, to: caller)
    }

    /// Closes the connection that nobody has used for a while.
    func closeIfIdle() async {
        guard askedAt.withLock({ $0.duration(to: .now) > Self.idleMax }) else { return }
        await opened.store.close()
    }
}

extension Access.Tokens {
    init(_ tokens: (job: String?, status: String?)) {
        self.init(job: tokens.job, status: tokens.status)
    }
}
