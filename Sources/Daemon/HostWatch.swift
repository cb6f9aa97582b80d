import CivilTime
import Host
import Logging
import Records
import RunEngine
import RunModel
import ServiceLifecycle

/// Tells the store that this host is there, and the board which others are.
///
/// The loop drives it, so that a host whose loop is stuck falls silent. As a service it stops after the loop: until
/// everything has ended the host counts as alive.
package actor HostWatch: Service {
    private let store: any HostStore
    private let board: HealthBoard
    private let logger: Logger
    private var isFailing = false
    private var isTwin = false
    private var isAhead = false
    private var beganAt: ContinuousClock.Instant?

    /// Heartbeats that are asked for sooner after another are left out: runs make the loop beat more often.
    private static let rest: Duration = .seconds(40)

    /// More than a few kilobytes of memory.
    private static let manyJobs = 1000

    init(store: any HostStore, board: HealthBoard, logger: Logger) {
        self.store = store
        self.board = board
        self.logger = logger
    }

    /// Tells the store that this host is there, unless it was told, or asked, just now; whether its clock is ahead, nil
    /// when the store did not say.
    func beat() async -> Bool? {
        let now = ContinuousClock.now
        if let beganAt, beganAt.duration(to: now) < Self.rest { return nil }
        return await compareClocks()
    }

    /// Whether this host's clock is ahead of the store's by more than lets it decide; nil when the store does not say.
    func compareClocks() async -> Bool? {
        beganAt = ContinuousClock.now
        let jobs = await beat(isStopping: false)
        // What is said of all jobs at the start is much.
        if jobs > Self.manyJobs { ProcessMemory.releaseFreed() }
        return isFailing ? nil : isAhead
    }

    /// Says goodbye when everything has ended.
    package func run() async {
        // Ended by the stop, or cancelled with all the rest.
        try? await gracefulShutdown()
        // A store that is away would only delay the end, and the others see the silence.
        guard !Task.isCancelled, !board.read(\.store.isFailing) else { return }
        _ = await beat(isStopping: true)
    }

    /// Logs that another daemon of this identity is there, once, and that it is not any more.
    private func tell(of twinSeenAt: Instant?, _ host: HostID) {
        guard isTwin != (twinSeenAt != nil) else { return }
        isTwin = twinSeenAt != nil
        if let twinSeenAt {
            logger.warning(
                "another daemon runs with this host's identity",
                metadata: [
                    "host": "\(host)", "seen": "\(twinSeenAt)", "hint": "\(HealthAssessment.twinHint)",
                ])
        } else {
            logger.notice("no other daemon of this identity was seen for three minutes")
        }
    }

    /// Tells the store, and answers of how many jobs.
    private func beat(isStopping: Bool) async -> Int {
        let heartbeat = board.heartbeat(at: Clocks.now(), isStopping: isStopping)
        do throws(StoreError) {
            let hosts = try await store.heartbeat(heartbeat)
            board.update { $0.hosts = hosts }
            isAhead = hosts.contains { $0.host == heartbeat.host && $0.clockOffset > Limits.clockAheadMax }
            tell(of: hosts.first { $0.host == heartbeat.host }?.otherSeenAt, heartbeat.host)
            isFailing = false
        } catch {
            board.repeatHeartbeat(of: heartbeat.nextDue.keys)
            // What befalls the whole store is logged by the loop; a right that is missing is only seen here.
            let level: Logger.Level = isFailing || error.reason == .unreachable ? .debug : .warning
            logger.log(level: level, "heartbeat not recorded", metadata: ["error": "\(error)"])
            isFailing = true
        }
        return heartbeat.nextDue.count
    }
}
