import Host
import JobCatalog
import Journal
import Logging
import Operations
import Records
import RunEngine
import RunModel
import SQLiteStore

/// Who learns of outages besides the log.
typealias JournalReader = @Sendable (JournalNews) -> Void

extension Session {
    /// The database, and the journal that stands in for it while it is away; `news` learns of it too.
    func journaled(
        _ store: any PrimaryStore, host: HostID, _ registered: Box<Catalog>, news: Box<JournalReader>,
        logger: Logger
    ) -> JournaledStore {
        let started = ContinuousClock.now
        let zones = zones
        return JournaledStore(
            primary: store,
            host: host,
            journal: SQLiteRunStore(
                path: configuration.stateDirectory + "/almanac.db", clock: Clocks.now,
                madeAnew: {
                    logger.warning(
                        "the file of the journal was removed; nothing waited in it, and it is made anew")
                }),
            delivered: SQLiteRunStore(
                path: configuration.stateDirectory + "/delivered.db", isSynced: false, clock: Clocks.now,
                madeAnew: {}),
            policy: configuration.storeOutage, lease: configuration.engine.lease, clock: Clocks.now,
            uptime: { ContinuousClock.now - started },
            report: {
                $0.log(to: logger)
                news.value($0)
            },
            jobs: { registered.value.registrations },
            rest: { row, mark, definitions in row.rest(after: mark, by: definitions, zones: zones) })
    }
}
