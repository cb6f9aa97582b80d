package import CivilTime
import Records
package import RunModel

/// Prints instants in one zone, to the second.
package struct TimeText: Sendable {
    /// The zone whose clocks they show.
    package let zone: Zone

    /// Texts of instants by the clocks of `zone`.
    package init(zone: Zone) {
        self.zone = zone
    }

    /// The instant as RFC 3339 writes it, or `-`.
    package func text(_ instant: Instant?) -> String {
        guard let instant else { return "-" }
        return Instant(seconds: instant.seconds).rfc3339(offset: zone.offset(at: instant))
    }

    /// The instant as RFC 3339 writes it, with its fraction.
    package func exact(_ instant: Instant) -> String { instant.rfc3339(offset: zone.offset(at: instant)) }

    /// How long something is away or ago, in its two largest units: `45s`, `3h 5min`, `12d 4h`.
    package static func rough(_ duration: Duration) -> String {
        let seconds = max(duration.components.seconds, 0)
        switch seconds {
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)min"
        case ..<86_400:
            return "\(seconds / 3600)h" + (seconds / 60 % 60 == 0 ? "" : " \(seconds / 60 % 60)min")
        default: return "\(seconds / 86_400)d" + (seconds / 3600 % 24 == 0 ? "" : " \(seconds / 3600 % 24)h")
        }
    }

    /// The instant for programs, to the microsecond.
    package func json(_ instant: Instant?) -> JSONValue {
        instant.map { .string($0.rfc3339(offset: zone.offset(at: $0))) } ?? .null
    }

    /// The value of a column for programs.
    func json(_ value: ColumnValue) -> JSONValue {
        switch value {
        case .null: .null
        case .text(let text): .string(text)
        case .integer(let number): .integer(number)
        case .boolean(let flag): .bool(flag)
        case .instant(let instant): json(instant as Instant?)
        }
    }
}
