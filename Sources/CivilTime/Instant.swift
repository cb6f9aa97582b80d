/// A point on the UTC time line in whole microseconds, the resolution of PostgreSQL's `timestamptz`.
///
/// Leap seconds do not exist on it, as on the system's clock.
package struct Instant: Hashable, Comparable, Sendable {
    /// The first instant that is a whole second.
    package static var earliest: Instant { Instant(seconds: Int64.min / 1_000_000) }

    /// The last instant that is a whole second.
    package static var latest: Instant { Instant(seconds: Int64.max / 1_000_000) }

    /// Microseconds since 1970-01-01T00:00:00Z, negative before it.
    package let microseconds: Int64

    /// The instant that is `microseconds` after 1970-01-01T00:00:00Z.
    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The instant that is `seconds` after 1970-01-01T00:00:00Z; traps when it is beyond `earliest` or
    /// `latest`.
    package init(seconds: Int64) {
        microseconds = seconds * 1_000_000
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded towards the past.
    package var seconds: Int64 {
        microseconds / 1_000_000 - (microseconds % 1_000_000 < 0 ? 1 : 0)
    }

    /// What RFC 3339 can write in UTC, the years 0000 to 9999: whoever reads an instant elsewhere must be able to read it.
    package static let writable = Instant(seconds: -62_167_219_200)..<Instant(seconds: 253_402_300_800)

    package static func < (left: Instant, right: Instant) -> Bool {
        left.microseconds < right.microseconds
    }

    /// `instant` moved by `duration`, cut to microseconds; traps on overflow.
    package static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(microseconds: instant.microseconds + duration.wholeMicroseconds)
    }

    /// `instant` moved back by `duration`, cut to microseconds; traps on overflow.
    package static func - (instant: Instant, duration: Duration) -> Instant {
        Instant(microseconds: instant.microseconds - duration.wholeMicroseconds)
    }

    /// How long after `earlier` the instant `later` is; negative when it is before.
    package static func - (later: Instant, earlier: Instant) -> Duration {
        .microseconds(later.microseconds - earlier.microseconds)
    }
}

extension Duration {
    /// The duration in microseconds, cut towards zero; traps beyond 292,000 years.
    package var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
