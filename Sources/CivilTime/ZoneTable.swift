/// The name and the offset changes of a zone over all time, in a form in which a look-up is a few array reads.
///
/// The recurring rule behind the explicit changes of a zone file is written out for one cycle of the
/// Gregorian calendar (400 years, a whole number of weeks), so that no query has to evaluate it: an instant
/// beyond the cycle is looked up as the instant that is some whole cycles earlier.
final class ZoneTable: Sendable {
    /// The name it was asked for. It is here so that a `Zone` is one reference.
    let name: String
    /// The first second of each span, ascending; the first is "always".
    let starts: [Int64]
    /// Seconds east of UTC in each span; neighbours differ.
    let offsets: [Int32]
    /// For each stretch of 2^`bucketShift` seconds from `bucketsStart` on: the span at its beginning.
    let buckets: [UInt16]
    let bucketsStart: Int64
    /// Where the recurring rule begins to hold for good, and where the written-out cycle ends.
    let cycle: Range<Int64>?
    /// Whether the recurring rule also holds before `cycle`: there are no explicit changes.
    let recursBackwards: Bool

    /// The spans of the zone's short names, for texts only.
    let names: [NamedSpan]

    struct NamedSpan: Sendable {
        let start: Int64
        let abbreviation: String
    }

    /// About 97 days: rarely more than one change in each.
    static let bucketShift: Int64 = 23
    /// Where the buckets of a table begin at the earliest: no zone had a standard time before 1800.
    static let bucketsEarliest: Int64 = -5_364_662_400
    /// Seconds in 400 years of the Gregorian calendar.
    static let cycleSeconds: Int64 = 146_097 * 86_400

    init(name: String, changes: [ZoneChange], cycle: Range<Int64>?, recursBackwards: Bool) {
        precondition(!changes.isEmpty && changes.count < Int(UInt16.max), "a zone has 1 to 65,534 spans")
        var starts = [Instant.earliest.seconds]
        var offsets = [changes[0].offset]
        var names = [NamedSpan(start: Instant.earliest.seconds, abbreviation: changes[0].abbreviation)]
        for change in changes.dropFirst() {
            if change.offset != offsets[offsets.count - 1] {
                starts.append(change.start)
                offsets.append(change.offset)
            }
            if change.abbreviation != names[names.count - 1].abbreviation {
                names.append(NamedSpan(start: change.start, abbreviation: change.abbreviation))
            }
        }
        self.name = name
        self.starts = starts
        self.offsets = offsets
        self.names = names
        self.cycle = cycle
        self.recursBackwards = recursBackwards
        (bucketsStart, buckets) = Self.makeBuckets(starts: starts)
    }

    /// A thousand years from 1800 on; changes beyond, which no real file has, are found one by one.
    private static let bucketsMax = 4096

    private static func makeBuckets(starts: [Int64]) -> (Int64, [UInt16]) {
        guard starts.count > 1 else { return (0, [0]) }
        let first = max(starts[1], bucketsEarliest)
        let last = max(starts[starts.count - 1], first)
        var buckets: [UInt16] = []
        var span = 0
        var start = first
        while true {
            while span + 1 < starts.count, starts[span + 1] <= start { span += 1 }
            buckets.append(UInt16(span))
            if start > last || buckets.count == bucketsMax { return (first, buckets) }
            start += 1 << bucketShift
        }
    }
}

/// One change on a zone's time line: from `start` on, this offset and name hold.
struct ZoneChange: Sendable {
    var start: Int64
    var offset: Int32
    var abbreviation: String
}

extension ZoneTable {
    /// How many seconds to add to an instant, a whole number of cycles, to look it up.
    @inline(__always)
    func displacement(of seconds: Int64) -> Int64 {
        guard let cycle else { return 0 }
        if seconds >= cycle.upperBound {
            return (cycle.lowerBound - seconds) / Self.cycleSeconds * Self.cycleSeconds
        }
        guard recursBackwards, seconds < cycle.lowerBound else { return 0 }
        return (cycle.upperBound - 1 - seconds) / Self.cycleSeconds * Self.cycleSeconds
    }

    /// The number of the span that holds `seconds`, which is already displaced.
    @inline(__always)
    func spanIndex(at seconds: Int64) -> Int {
        var index = 0
        let distance = seconds - bucketsStart
        if distance >= 0 {
            index = Int(buckets[min(Int(distance >> Self.bucketShift), buckets.count - 1)])
        }
        while index + 1 < starts.count, starts[index + 1] <= seconds { index += 1 }
        return index
    }
}
