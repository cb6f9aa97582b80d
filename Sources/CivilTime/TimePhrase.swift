/// Instants as people type them.
package enum TimePhrase {
    /// The instant that a text stands for: a date and time with its offset; one without, or a date alone, as the clocks of
    /// `zone` show it; `now`, `today`, `yesterday`, `tomorrow`; or how long ago it was at `now`, like `24h`.
    ///
    /// A day begins at its first instant. Of a local time that clocks show twice it is the first, and of one that they skip
    /// the instant at which they do.
    package static func parse(_ text: String, now: Instant, in zone: Zone) throws(DateTimeError) -> Instant {
        if text == "now" { return now }
        let today = zone.local(at: now).date
        if let days = ["yesterday": -1, "today": 0, "tomorrow": 1][text] {
            return instant(
                CivilDateTime(date: CivilDate(dayNumber: today.dayNumber + days), secondOfDay: 0), zone)
        }
        // If it does not read as a duration, it may still be a date.
        if let ago = try? DurationText.parse(text) { return now - ago }
        var rest = text
        if let blank = rest.firstIndex(of: " ") { rest.replaceSubrange(blank...blank, with: "T") }
        // A date without a time, and a time without seconds.
        if rest.utf8.count == "2026-11-23".utf8.count { rest += "T00:00:00" }
        if rest.utf8.count == "2026-11-23T10:00".utf8.count { rest += ":00" }
        let parsed: (local: CivilDateTime, microseconds: Int64, offset: Int?)
        do {
            let found = try ISO8601.dateTime(rest)
            parsed = (found.local, found.microseconds, found.offset)
        } catch {
            throw DateTimeError(
                reason: "“\(text)” is not a time",
                hint:
                    "write it like 2026-11-23, “2026-11-23 10:00”, 2026-11-23T10:00:00+03:00, yesterday, or 24h for a day ago"
            )
        }
        let fraction = Duration.microseconds(parsed.microseconds)
        let found =
            parsed.offset.map { Instant(seconds: parsed.local.secondsSinceEpoch - Int64($0)) }
            ?? instant(parsed.local, zone)
        guard writable.contains(found) else {
            throw DateTimeError(
                reason: "“\(text)” is not within the years 0000 to 9999 of UTC",
                hint: "leave it out if it is to be for ever")
        }
        return found + fraction
    }

    /// What RFC 3339 can write in UTC: whoever reads an answer must be able to read its instants.
    private static let writable = Instant(seconds: -62_167_219_200)..<Instant(seconds: 253_402_300_800)

    private static func instant(_ local: CivilDateTime, _ zone: Zone) -> Instant {
        switch zone.resolve(local) {
        case .unique(let instant), .gap(let instant, _), .overlap(let instant, _): instant
        }
    }
}
