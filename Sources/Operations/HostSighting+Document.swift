import CivilTime
package import Records
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

extension HostSighting {
    /// The host that a document tells of; nil when it tells of none.
    init?(_ document: Document) {
        guard let host = document.text("host"), let state = document.text("state"),
            let version = document.text("version"), let startedAt = document.instant("started_at"),
            let seenAt = document.instant("seen_at"), let hash = document.text("catalog_hash")
        else { return nil }
        self.init(
            host: HostID(host), version: version, startedAt: startedAt, seenAt: seenAt,
            clockOffset: .milliseconds(document.integer("clock_offset_ms") ?? 0), catalogHash: hash,
            jobs: document.integer("jobs") ?? 0, hasStopped: state == "stopped", isAlive: state == "alive")
    }
}
