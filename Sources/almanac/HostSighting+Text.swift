import CivilTime
import RunEngine
import RunModel

extension HostSighting {
    /// `alive`, `stopped` when it stopped in order, or `gone` when it just fell silent.
    var stateText: String {
        isAlive ? "alive" : hasStopped ? "stopped" : "gone"
    }

    /// The host for programs.
    func json(_ times: TimeText) -> JSONValue {
        .object([
            .init("host", .string(host.description)), .init("state", .string(stateText)),
            .init("version", .string(version)), .init("started_at", times.json(startedAt)),
            .init("seen_at", times.json(seenAt)),
            .init("clock_offset_ms", .integer(clockOffset.wholeMicroseconds / 1000)),
            .init("catalog_hash", .string(catalogHash)), .init("jobs", .integer(Int64(jobs))),
        ])
    }

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
