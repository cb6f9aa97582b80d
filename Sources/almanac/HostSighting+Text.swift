import CivilTime
import Operations
import Records
import RunEngine
import RunModel

extension HostSighting {
    /// The hosts as a table.
    static func table(_ hosts: [HostSighting], _ times: TimeText) -> Table {
        var table = Table(
            ["HOST", "STATE", "SEEN", "STARTED", "VERSION", "CLOCK", "CATALOG", "JOBS"],
            optional: [4, 3, 7, 6])
        for host in hosts {
            table.add([
                host.host.description, host.stateText, times.text(host.seenAt), times.text(host.startedAt),
                host.version, host.clockText, String(host.catalogHash.prefix(12)), String(host.jobs),
            ])
        }
        return table
    }
}
