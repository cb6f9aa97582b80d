import CivilTime
import RunEngine
package import RunModel

extension HostSighting {
    /// `alive`, `stopped` when it stopped in order, or `gone` when it just fell silent.
    package var stateText: String {
        isAlive ? "alive" : hasStopped ? "stopped" : "gone"
    }

    /// The host for programs.
    package func json(_ times: TimeText) -> JSONValue {
        .object([
            .init("host", .string(host.description)), .init("state", .string(stateText)),
            .init("version", .string(version)), .init("started_at", times.json(startedAt)),
            .init("seen_at", times.json(seenAt)),
            .init("clock_offset_ms", .integer(clockOffset.wholeMicroseconds / 1000)),
            .init("catalog_hash", .string(catalogHash)), .init("jobs", .integer(Int64(jobs))),
        ])
    }
}
