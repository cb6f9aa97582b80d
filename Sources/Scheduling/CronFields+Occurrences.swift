import CivilTime

/// Matches placed on the time line of a zone. This is the only place where daylight saving decides anything.
///
/// A schedule that follows the clock is due at each instant whose local time matches. Any other has fixed
/// times, and is due at the first instant at which local clocks have reached the time: in a gap that is the
/// first instant after it, for all that the gap holds at once; in a repeated hour the first pass.
///
/// Both searches go through the spans of constant offset; the spans of a zone up to 2199 are their bound.
extension CronFields {
    /// How far local time is from UTC at most, in seconds (RFC 9636, section 3.2).
    private static let offsetMax: Int64 = 26 * 3600
    /// How much of local time one change of offset can repeat or skip at most, in seconds.
    private static let shiftMax = 2 * offsetMax

    /// The first occurrence after an instant, or nil when there is none up to the end of 2199.
    func next(after instant: Instant, in zone: Zone) -> Occurrence? {
        var second = max(instant.seconds + 1, -Self.offsetMax)
        guard second < Self.searchEnd + Self.offsetMax else { return nil }
        var span = zone.span(containingSecond: second)
        var frontier = frontier(of: span, at: second, in: zone)
        while true {
            let offset = Int64(span.offset)
            if second == span.startSeconds, let moved = movedOccurrence(at: span, frontier: frontier) {
                return moved
            }
            let match = firstMatch(notBefore: max(second + offset, frontier))
            if let match, match < span.endSeconds + offset {
                return occurrence(at: match, in: span, of: zone)
            }
            // Nothing matches before `match`, so that the search may go on where local clocks come near it. A
            // short span is not jumped from: the next one may repeat local times from before `second`.
            let near = (match ?? .max) - Self.offsetMax
            second = span.endSeconds - second > Self.shiftMax ? max(span.endSeconds, near) : span.endSeconds
            guard second < Self.searchEnd + Self.offsetMax else { return nil }
            span = zone.span(containingSecond: second)
            frontier = self.frontier(of: span, at: second, in: zone)
        }
    }

    /// The last occurrence before an instant, or nil when there is none since the beginning of 1970.
    func previous(before instant: Instant, in zone: Zone) -> Occurrence? {
        guard instant.seconds >= -Self.offsetMax else { return nil }
        var second = min(
            Instant(microseconds: instant.microseconds - 1).seconds, Self.searchEnd + Self.offsetMax)
        while second >= -Self.offsetMax {
            let span = zone.span(containingSecond: second)
            let offset = Int64(span.offset)
            let frontier = frontier(of: span, at: span.startSeconds, in: zone)
            let moved = movedOccurrence(at: span, frontier: frontier)
            let match = lastMatch(notAfter: second + offset)
            if let match, match >= max(span.startSeconds + offset, frontier) {
                if match == span.startSeconds + offset, let moved { return moved }
                return occurrence(at: match, in: span, of: zone)
            }
            if let moved { return moved }
            guard span.hasStart else { return nil }
            let near = match.map { $0 + Self.offsetMax } ?? .min
            let isLong = second - span.startSeconds > Self.shiftMax
            second = isLong ? min(span.startSeconds - 1, near) : span.startSeconds - 1
        }
        return nil
    }

    /// The local time that clocks had reached before a span, so that fixed times before it are over; `.min`
    /// when that cannot matter: to schedules that follow the clock, and far from the span's start.
    private func frontier(of span: ZoneSpan, at second: Int64, in zone: Zone) -> Int64 {
        guard !followsClock, second - span.startSeconds <= Self.shiftMax else { return .min }
        return Self.localTimeReached(before: span, in: zone)
    }

    /// The latest local time that clocks reached before a span, in seconds; `.min` when nothing is before it.
    private static func localTimeReached(before span: ZoneSpan, in zone: Zone) -> Int64 {
        var reached = Int64.min
        var earlier = span
        while earlier.hasStart, span.startSeconds - earlier.startSeconds <= shiftMax {
            earlier = zone.span(containingSecond: earlier.startSeconds - 1)
            reached = max(reached, earlier.endSeconds + Int64(earlier.offset))
        }
        return reached
    }

    /// The occurrence at the first instant after a gap that stands for all fixed times in it.
    private func movedOccurrence(at span: ZoneSpan, frontier: Int64) -> Occurrence? {
        let shown = span.startSeconds + Int64(span.offset)
        guard frontier != .min, frontier < shown,
            let missing = firstMatch(notBefore: frontier), missing < shown
        else { return nil }
        return Occurrence(
            instant: span.start, local: CivilDateTime(secondsSinceEpoch: missing), adjustment: .movedOutOfGap)
    }

    /// The occurrence at a local time that a span shows.
    private func occurrence(at match: Int64, in span: ZoneSpan, of zone: Zone) -> Occurrence {
        let second = match - Int64(span.offset)
        var adjustment = Occurrence.Adjustment.none
        if span.endSeconds - second <= Self.shiftMax || second - span.startSeconds <= Self.shiftMax {
            adjustment = Self.pass(of: match, at: second, in: span, of: zone)
        }
        return Occurrence(
            instant: Instant(seconds: second), local: CivilDateTime(secondsSinceEpoch: match),
            adjustment: adjustment)
    }

    /// Whether a local time near the edge of a span is shown by a neighbour, too.
    private static func pass(
        of match: Int64, at second: Int64, in span: ZoneSpan, of zone: Zone
    ) -> Occurrence.Adjustment {
        if localTimeReached(before: span, in: zone) > match {
            return .secondOfTwo
        }
        var later = span
        while later.hasEnd, later.endSeconds - second <= shiftMax {
            later = zone.span(containingSecond: later.endSeconds)
            if later.startSeconds + Int64(later.offset) <= match { return .firstOfTwo }
        }
        return .none
    }
}
