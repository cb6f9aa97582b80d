import CivilTime
import Host
import JobCatalog
import Logging
import Operations
import Records
import RunModel

/// This start of the host's daemon, and what it may do with what earlier ones left behind.
package struct HostLife: Sendable {
    let host: HostID
    let instance: DaemonInstance
    let startedAt: Instant
    private let directory: String

    /// A start with the state directory `directory`, which is locked; `holdsStore` says that nobody without that directory
    /// writes to the store.
    init(_ host: HostID, _ directory: String, holdsStore: Bool) {
        self.host = host
        self.directory = directory
        startedAt = Clocks.now()
        instance = DaemonInstance(
            number: String(UInt64.random(in: .min ... .max), radix: 16),
            former: StateDirectory.formerInstance(directory, isWherever: holdsStore))
    }

    /// Tells the store of this start; whether the runs of this host are nobody's, so that they can be taken over at once.
    ///
    /// They may be another daemon's when one of the same identity was seen that is not known to be gone. Then they are
    /// taken over as those of other hosts are: once their lease has run out, which one that lives renews.
    func begin(_ catalog: Catalog, in store: any DaemonStore, _ logger: Logger) async throws(StoreError)
        -> Bool
    {
        let hosts: [HostSighting]
        do throws(StoreError) {
            hosts = try await store.heartbeat(
                Heartbeat(
                    host: host, instance: instance, version: Program.version, startedAt: startedAt,
                    at: Clocks.now(), catalogHash: catalog.hash, jobs: catalog.jobs.count))
        } catch  where error.reason == .refused {
            // A right that is missing: `HostWatch` says so.
            return false
        }
        do throws(HostError) {
            try StateDirectory.note(instance: instance.number, in: directory)
        } catch {
            logger.warning(
                "this start cannot be remembered: the next one takes runs over once their leases have run out",
                metadata: ["error": "\(error.message)", "hint": "\(error.hint ?? "")"])
        }
        return hosts.first { $0.host == host }?.otherSeenAt == nil
    }
}
