/// Instants as people type them.
package enum TimePhrase {
    /// The instant that a text stands for: a date and time with its offset; one without, a date alone, or a time of today, as
    /// the clocks of `zone` show it; `now`, `today`, `yesterday`, `tomorrow`, these also with a time, like `tomorrow 09:00`; or
    /// how long ago it was at `now`, like `24h`.
    ///
    /// A day begins at its first instant. Of a local time that clocks show twice it is the first, and of one that they skip
    /// the instant at which they do.
    package static func parse(_ text: String, now: Instant, in zone: Zone) throws(DateTimeError) -> Instant {
        if text == "now" { return now }
        // If it does not read as a duration, it may still be a date.
        if let ago = try? DurationText.parse(text) { return now - ago }
        let whole = whole(text, today: zone.local(at: now).date)
        let parsed: (local: CivilDateTime, microseconds: Int64, offset: Int?)
        do {
            let found = try ISO8601.dateTime(whole)
            parsed = (found.local, found.microseconds, found.offset)
        } catch {
            throw DateTimeError(
                reason: "“\(text)” is not a time",
                hint:
                    "write it like 2026-11-23, “2026-11-23 10:00”, 2026-11-23T10:00:00+03:00, “yesterday 18:00”, or 24h for a day ago"
            )
        }
        let fraction = Duration.microseconds(parsed.microseconds)
        let found =
            parsed.offset.map { Instant(seconds: parsed.local.secondsSinceEpoch - Int64($0)) }
            ?? instant(parsed.local, zone)
        guard Instant.writable.contains(found) else {
            throw DateTimeError(
                reason: "“\(text)” is not within the years 0000 to 9999 of UTC",
                hint: "leave it out if it is to be for ever")
        }
        return found + fraction
    }

    /// The date and time with all that people leave out: the date, the time, the seconds.
    private static func whole(_ text: String, today: CivilDate) -> String {
        var words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        if words.count == 1, words[0].split(separator: ":").map(\.utf8.count) == [2, 2] {
            words.insert("today", at: 0)
        }
        if let days = words.first.flatMap({ ["yesterday": -1, "today": 0, "tomorrow": 1][$0] }) {
            words[0] = CivilDate(dayNumber: today.dayNumber + days).description
        }
        var bytes = Array(words.joined(separator: "T").utf8)
        if bytes.count == "2026-11-23".utf8.count { bytes += "T00:00".utf8 }
        let clockEnd = "2026-11-23T10:00".utf8.count
        // The end, or an offset, where seconds may stand.
        if bytes.count == clockEnd || bytes.count > clockEnd && bytes[clockEnd] != UInt8(ascii: ":") {
            bytes.insert(contentsOf: ":00".utf8, at: clockEnd)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func instant(_ local: CivilDateTime, _ zone: Zone) -> Instant {
        switch zone.resolve(local) {
        case .unique(let instant), .gap(let instant, _), .overlap(let instant, _): instant
        }
    }
}
