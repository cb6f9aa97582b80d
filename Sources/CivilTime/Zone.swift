/// A time zone: its name and its offset from UTC at every instant.
///
/// A zone is made from the bytes of a TZif file; it never changes, and copying it costs one reference.
package struct Zone: Sendable {
    private let table: ZoneTable

    /// The name it was asked for, as `Europe/Paris`.
    package var name: String { table.name }

    /// Coordinated Universal Time.
    package static let utc = Zone(name: "UTC", offset: 0, abbreviation: "UTC")

    /// A zone that keeps one offset for ever; its name is as RFC 3339 writes the offset, as `+03:00`.
    ///
    /// Traps when `offset`, in seconds east of UTC, is a day or more.
    package static func fixed(offset: Int) -> Zone {
        precondition(abs(offset) < 86_400, "an offset of a day or more")
        if offset == 0 { return utc }
        let name = Instant.offsetText(offset)
        return Zone(name: name, offset: Int32(offset), abbreviation: name)
    }

    /// The zone that the bytes of a TZif file describe (RFC 9636, versions 1 to 4).
    package init(name: String, tzif bytes: [UInt8]) throws(TZifError) {
        table = try TZifDecoder.decode(bytes, name: name)
    }

    private init(name: String, offset: Int32, abbreviation: String) {
        let change = ZoneChange(start: Instant.earliest.seconds, offset: offset, abbreviation: abbreviation)
        table = ZoneTable(name: name, changes: [change], cycle: nil, recursBackwards: false)
    }

    /// Whether the zone has the same offset at every instant.
    package var isFixed: Bool { table.starts.count == 1 }
}

extension Zone {
    /// Seconds east of UTC at an instant.
    package func offset(at instant: Instant) -> Int {
        let seconds = instant.seconds
        return Int(table.offsets[table.spanIndex(at: seconds + table.displacement(of: seconds))])
    }

    /// What a clock in the zone shows at an instant, cut to the second.
    package func local(at instant: Instant) -> CivilDateTime {
        CivilDateTime(secondsSinceEpoch: instant.seconds + Int64(offset(at: instant)))
    }

    /// The stretch of constant offset that holds an instant.
    package func span(containing instant: Instant) -> ZoneSpan {
        span(containingSecond: instant.seconds)
    }

    /// The stretch of constant offset that holds a second since 1970-01-01T00:00:00Z, for searches in whole
    /// seconds.
    package func span(containingSecond seconds: Int64) -> ZoneSpan {
        let displacement = table.displacement(of: seconds)
        let index = table.spanIndex(at: seconds + displacement)
        var start = Instant.earliest.seconds
        if index > 0 { start = max(start, table.starts[index] - displacement) }
        var end = Instant.latest.seconds
        if index + 1 < table.starts.count {
            end = Self.subtract(displacement, from: table.starts[index + 1])
        }
        return ZoneSpan(startSeconds: start, endSeconds: end, offset: Int(table.offsets[index]))
    }

    /// A difference kept within the instants there are.
    static func subtract(_ displacement: Int64, from seconds: Int64) -> Int64 {
        min(max(seconds - displacement, Instant.earliest.seconds), Instant.latest.seconds)
    }

    /// The first change of the offset after an instant, or nil when there is none.
    package func nextTransition(after instant: Instant) -> Transition? {
        let span = span(containing: instant)
        guard span.hasEnd else { return nil }
        return Transition(instant: span.end, offsetBefore: span.offset, offsetAfter: offset(at: span.end))
    }

    /// The offset that the zone keeps from an instant on, in seconds east of UTC; nil when a change comes after it.
    package func lastingOffset(from instant: Instant) -> Int? {
        nextTransition(after: instant) == nil ? offset(at: instant) : nil
    }

    /// The last change of the offset at or before an instant, or nil when there is none.
    package func previousTransition(atOrBefore instant: Instant) -> Transition? {
        let span = span(containing: instant)
        guard span.hasStart else { return nil }
        let before = offset(at: Instant(seconds: span.startSeconds - 1))
        return Transition(instant: span.start, offsetBefore: before, offsetAfter: span.offset)
    }

    /// The zone's short name at an instant, as `CET`, `CEST` or `+03`.
    package func abbreviation(at instant: Instant) -> String {
        let seconds = instant.seconds + table.displacement(of: instant.seconds)
        var low = 0
        var high = table.names.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if table.names[middle].start <= seconds { low = middle } else { high = middle }
        }
        return table.names[low].abbreviation
    }
}

extension Zone {
    /// The largest distance of local time from UTC that a zone file may state (RFC 9636, section 3.2), in
    /// seconds.
    static let largestOffset: Int64 = 26 * 3600

    /// What `local` stands for in the zone: one instant, none, or several.
    package func resolve(_ local: CivilDateTime) -> LocalResolution {
        let asUTC = local.secondsSinceEpoch
        let displacement = table.displacement(of: asUTC)
        let seconds = asUTC + displacement
        var index = table.spanIndex(at: seconds - Self.largestOffset)
        var first: Int64?
        var last: Int64 = 0
        // The first span that begins after a gap around `local`, which is never the first of all.
        var gap = 0
        // The work is bounded by the changes within 52 hours.
        while index < table.starts.count, index == 0 || table.starts[index] <= seconds + Self.largestOffset {
            let candidate = seconds - Int64(table.offsets[index])
            if index + 1 == table.starts.count || candidate < table.starts[index + 1] {
                if index == 0 || candidate >= table.starts[index] {
                    first = first ?? candidate
                    last = candidate
                } else if gap == 0 {
                    gap = index
                }
            }
            index += 1
        }
        func instant(_ seconds: Int64) -> Instant {
            Instant(seconds: Self.subtract(displacement, from: seconds))
        }
        guard let first else {
            return .gap(
                firstInstantAfter: instant(table.starts[gap]),
                shift: Int(table.offsets[gap] - table.offsets[gap - 1]))
        }
        return first == last
            ? .unique(instant(first)) : .overlap(earlier: instant(first), later: instant(last))
    }
}
