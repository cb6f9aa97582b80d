package import CivilTime
package import Markup

/// How a page tells instants: in UTC, and beside that in the zone that its reader chose. The zone is always said.
package struct Times: Sendable {
    /// The zone of the reader; UTC when none was chosen.
    package let zone: Zone
    /// When the page is made.
    package let now: Instant
    /// The beginning of its minute: how long something is ago changes once a minute, for all of the page at once.
    let minute: Instant

    package init(zone: Zone, now: Instant) {
        self.zone = zone
        self.now = now
        let seconds = now.seconds
        minute = Instant(seconds: seconds - (seconds % 60 + 60) % 60)
    }

    /// Whether there is a second zone to tell.
    var hasZone: Bool { zone.name != "UTC" && zone.name != "Etc/UTC" }

    // MARK: Instants

    /// The instant to the second in a sentence, as `00:10 UTC (01:10 Europe/Berlin)`; with its date unless that is today, and
    /// without seconds when it has none.
    package func text(_ instant: Instant) -> String {
        text(instant, in: .utc) + " UTC" + (hasZone ? " (\(local(instant)) \(zone.name))" : "")
    }

    /// The same with its date also today, for what is read hours later.
    package func dated(_ instant: Instant) -> String {
        text(instant, in: .utc, isDated: true) + " UTC" + (hasZone ? " (\(local(instant)) \(zone.name))" : "")
    }

    /// The instant in both zones, one above the other.
    package func moment(_ instant: Instant) -> HTML {
        tag("time", .other("datetime", Instant(seconds: instant.seconds).rfc3339)) {
            text(instant, in: .utc) + " UTC"
            if hasZone {
                tag("span", .class("local")) { " " + local(instant) + " " + zone.name }
            }
        }
    }

    /// The clock of the reader's zone, with the date where it is another one than that of UTC.
    private func local(_ instant: Instant) -> String {
        let clock = zone.local(at: instant)
        let isSameDay = clock.date == Zone.utc.local(at: instant).date
        // A time that the clocks show twice is told with the name of its offset.
        var twice = ""
        if case .overlap = zone.resolve(clock) { twice = " " + zone.abbreviation(at: instant) }
        return (isSameDay ? Self.clock(clock) : text(instant, in: zone, isDated: true)) + twice
    }

    /// The instant to the millisecond by the clock of UTC, for what follows within minutes.
    func exact(_ instant: Instant) -> String {
        let local = Zone.utc.local(at: instant)
        let milliseconds = (instant.microseconds - instant.seconds * 1_000_000) / 1000
        return "\(Self.two(local.hour)):\(Self.two(local.minute)):\(Self.two(local.second))."
            + String(String(1000 + milliseconds).dropFirst())
    }

    /// The clock alone, as `06:42:18 UTC`.
    package func clock(_ instant: Instant) -> String {
        let local = Zone.utc.local(at: instant)
        return "\(Self.two(local.hour)):\(Self.two(local.minute)):\(Self.two(local.second)) UTC"
    }

    /// The hour and minute in the zone of the reader.
    func hour(_ instant: Instant) -> String {
        let local = zone.local(at: instant)
        return "\(Self.two(local.hour)):\(Self.two(local.minute))"
    }

    /// The date in the zone of the reader, as `Sun 29 Nov`.
    func date(_ instant: Instant) -> String { Self.date(zone.local(at: instant).date) }

    private func text(_ instant: Instant, in zone: Zone, isDated: Bool = false) -> String {
        let local = zone.local(at: instant)
        let today = zone.local(at: now).date
        if local.date == today, !isDated { return Self.clock(local) }
        let year = local.date.year != today.year ? " \(local.date.year)" : ""
        return Self.date(local.date) + year + " " + Self.clock(local)
    }

    private static func clock(_ local: CivilDateTime) -> String {
        "\(two(local.hour)):\(two(local.minute))" + (local.second == 0 ? "" : ":" + two(local.second))
    }

    private static func date(_ date: CivilDate) -> String {
        "\(date.weekday.name.prefix(3)) \(date.day) \(months[date.month - 1])"
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }

    // MARK: Distances

    /// How far an instant is from now, as `in 17 h 27 min` or `6 h ago`.
    package func distance(_ instant: Instant) -> String {
        let seconds = (instant - minute).components.seconds
        if abs(seconds) < 60 { return instant > now ? "in less than a minute" : "less than a minute ago" }
        return seconds < 0
            ? Self.span(.seconds(-seconds)) + " ago" : "in " + Self.span(.seconds(seconds))
    }

    /// A long time in its two largest units: `2 d 4 h`, `3 h 5 min`, `40 min`.
    package static func span(_ duration: Duration) -> String {
        let seconds = max(duration.components.seconds, 0)
        func both(_ first: String, _ rest: Int64, _ unit: String) -> String {
            rest == 0 ? first : first + " \(rest) \(unit)"
        }
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min"
        case ..<86_400: return both("\(seconds / 3600) h", seconds / 60 % 60, "min")
        default: return both("\(seconds / 86_400) d", seconds / 3600 % 24, "h")
        }
    }
}
