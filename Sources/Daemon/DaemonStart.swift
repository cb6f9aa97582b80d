import JobCatalog
import Journal
import Records
import RunEngine
import RunModel
import ScheduleFiles
import StatusServer

/// What a start has read and opened, from which the services are put together.
struct DaemonStart {
    /// The schedule files as they were read.
    struct Files {
        /// From before they were read.
        var fingerprint: FileFingerprint
        /// The warnings that are logged already.
        var warned: [Diagnostic]
        var catalog: Catalog
        /// The values that the jobs need, by name.
        var values: [String: String]
    }

    /// Where to listen.
    struct Addresses {
        /// For everybody on this host.
        var status: ListenAddress
        /// For root and the members of the service's group; nil: there is no such socket.
        var members: ListenAddress?
    }

    /// The store, and how it came to be.
    struct Records {
        /// What the daemon asks: the journal, if there is one.
        var store: any DaemonStore
        /// The journal in front of a database; nil with the embedded store.
        var journaled: JournaledStore?
        /// Who learns of outages; nobody yet.
        var news = Box<JournalReader>({ _ in })
        /// `sqlite` or `postgres`.
        var kind: String
        /// Where the store is, as people call it.
        var place: String
    }

    var files: Files
    var addresses: Addresses
    /// How many connections each listener takes at once.
    var connectionsMax: Int
    var life: HostLife
    var events: HostEvents
    var records: Records
    /// The catalog that the store was told of last.
    var registered: Box<Catalog>
    var settings: EngineSettings
    var beginning: EngineService.Beginning
    var transport: any Transport
}
