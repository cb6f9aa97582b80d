import CivilTime
import JobCatalog
package import Records
import RunModel
import Scheduling

/// The hosts that share the store: their clocks, their catalogs, and who fell silent.
extension HealthAssessment {
    /// A host that has been silent for longer than this was taken away, and nobody waits for it.
    package static let absenceMax: Duration = .seconds(86_400)

    /// What to do where two daemons have one identity.
    package static let twinHint =
        "after a crash of the machine this passes within 3 minutes; else stop the one whose state directory is a copy, "
        + "remove host-id there, and start it"

    /// The check of the hosts; nil before the store has answered, when nothing is known of them.
    static func hosts(_ facts: HealthFacts, _ now: Instant) -> HealthCheck? {
        guard !facts.hosts.isEmpty else { return nil }
        var problems: [String] = []
        for host in facts.hosts {
            if host.host == facts.host {
                // It comes first: what a host that is two says of the others need not be so.
                if let seen = host.otherSeenAt {
                    problems.insert(
                        "another daemon is \(host.host), too, and was seen at \(seen): \(twinHint)", at: 0)
                }
                if host.isClockWrong, facts.clockAheadSince == nil {
                    problems.append("this host's clock is \(host.clockText)")
                }
            } else if host.isAlive, host.catalogHash != facts.catalog.hash {
                problems.append(
                    "\(host.host) has another catalog, of \(EnglishList.count(host.jobs, "job"))")
            } else if !host.isAlive, !host.hasStopped, now - host.seenAt < absenceMax {
                problems.append("\(host.host) has been silent since \(host.seenAt) and did not stop in order")
            }
        }
        if let since = facts.clockAheadSince {
            let offset = facts.hosts.first { $0.host == facts.host && $0.isClockWrong }
            problems.insert(
                "this host's clock is \(offset?.clockText ?? "ahead of the store's"): it has decided nothing since \(since), "
                    + "and does once the clock is right", at: 0)
        }
        // A choice of somebody's is nothing wrong, but its price is to be seen before the outage.
        let price = facts.journal.flatMap { Self.doubled($0, besides: facts.others) }
        let told = problems + [price].compactMap(\.self)
        return HealthCheck(
            component: "hosts", measurement: "alive",
            status: facts.clockAheadSince != nil ? .fail : problems.isEmpty ? .pass : .warn,
            observedValue: .integer(Int64(facts.hosts.count(where: \.isAlive))), observedUnit: "hosts",
            time: facts.storeSeenAt ?? now,
            output: told.isEmpty ? nil : told.joined(separator: "; ").storable(bytesMax: outputBytesMax))
    }
}

extension HostSighting {
    /// Whether its clock is further off than `clockOffsetMax`.
    package var isClockWrong: Bool {
        clockOffset > Self.clockOffsetMax || clockOffset < .zero - Self.clockOffsetMax
    }

    /// How far its clock is off, and by which clock, as “7.3 s ahead of the store's”.
    package var clockText: String {
        let tenths = abs(clockOffset.wholeMicroseconds / 100_000)
        if tenths == 0 { return "as the store's" }
        return "\(tenths / 10).\(tenths % 10) s \(clockOffset > .zero ? "ahead of" : "behind") the store's"
    }
}
