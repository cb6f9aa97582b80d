/// A change of a zone's offset from UTC.
package struct Transition: Hashable, Sendable {
    /// The first instant at which the new offset holds.
    package let instant: Instant
    /// Seconds east of UTC before it.
    package let offsetBefore: Int
    /// Seconds east of UTC from it on.
    package let offsetAfter: Int

    package init(instant: Instant, offsetBefore: Int, offsetAfter: Int) {
        self.instant = instant
        self.offsetBefore = offsetBefore
        self.offsetAfter = offsetAfter
    }

    /// How far local clocks jump forward (or, when negative, back), in seconds.
    package var shift: Int { offsetAfter - offsetBefore }
}

/// A longest stretch of time in which a zone keeps one offset from UTC.
///
/// Inside it local time is UTC plus a constant, so a search needs to ask the zone only when it leaves.
package struct ZoneSpan: Hashable, Sendable {
    /// The first second of the span since 1970-01-01T00:00:00Z; `Instant.earliest`'s when it has no
    /// beginning.
    package let startSeconds: Int64
    /// The first second after the span; `Instant.latest`'s when it has no end.
    package let endSeconds: Int64
    /// Seconds east of UTC.
    package let offset: Int

    package init(startSeconds: Int64, endSeconds: Int64, offset: Int) {
        self.startSeconds = startSeconds
        self.endSeconds = endSeconds
        self.offset = offset
    }

    /// The first instant of the span.
    package var start: Instant { Instant(seconds: startSeconds) }

    /// The first instant after the span.
    package var end: Instant { Instant(seconds: endSeconds) }

    /// Whether an offset change ends the span.
    package var hasEnd: Bool { endSeconds != Instant.latest.seconds }

    /// Whether an offset change begins the span.
    package var hasStart: Bool { startSeconds != Instant.earliest.seconds }
}

/// What a local date and time stands for in a zone.
package enum LocalResolution: Hashable, Sendable {
    /// The clock shows it once.
    case unique(Instant)
    /// The clock never shows it: it jumps over it, forward by `shift` seconds, at the instant given.
    case gap(firstInstantAfter: Instant, shift: Int)
    /// The clock shows it twice (or, in odd zone data, more often): the first and the last time.
    case overlap(earlier: Instant, later: Instant)
}
