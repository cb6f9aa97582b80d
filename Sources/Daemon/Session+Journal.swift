import Host
import Journal
import Logging
import Operations
import RunEngine
import RunModel
import SQLiteStore

extension Session {
    /// The database, and the journal that stands in for it while it is away.
    func journaled(_ store: any Store, host: HostID, logger: Logger) -> JournaledStore {
        let started = ContinuousClock.now
        let zones = zones
        return JournaledStore(
            primary: store,
            host: host,
            journal: SQLiteRunStore(
                path: configuration.stateDirectory + "/almanac.db", clock: Clocks.now),
            policy: configuration.storeOutage, lease: configuration.engine.lease, clock: Clocks.now,
            uptime: { ContinuousClock.now - started }, report: { $0.log(to: logger) },
            rest: { row, mark, definitions in row.rest(after: mark, by: definitions, zones: zones) })
    }
}

extension JournalNews {
    /// One line for each that an operator may want to act on.
    fileprivate func log(to logger: Logger) {
        switch self {
        case .outageBegan(let error, let policy):
            logger.error(
                "the store is away",
                metadata: [
                    "error": "\(error)", "hint": "\(error.hint ?? "")", "outage": "\(policy.rawValue)",
                ])
        case .outageEnded(let lasted, let delivered):
            logger.notice(
                "the store is back",
                metadata: ["elapsed": "\(lasted)", "delivered": "\(delivered)"])
        case .delivered(let count):
            logger.notice(
                "delivered what an earlier daemon had journalled", metadata: ["delivered": "\(count)"])
        case .setAside(let what, let problem):
            logger.error(
                "an operation of the journal was set aside",
                metadata: ["operation": "\(what)", "error": "\(problem)"])
        case .journalFailed(let error):
            logger.critical(
                "the journal cannot be used",
                metadata: ["error": "\(error)", "hint": "\(error.hint ?? "")"])
        }
    }
}
