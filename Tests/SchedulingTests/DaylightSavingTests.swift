import CivilTime
import Scheduling
import TestFiles
import Testing

/// What happens where clocks change, zone by zone: the offsets are those of tzdata, the rule that of
/// `docs/schedules.md`.
@Suite struct DaylightSavingTests {
    struct Night: CustomTestStringConvertible {
        let zone: String
        /// The window: occurrences after its start up to and including its end.
        let from: String
        let through: String
        let text: String
        /// Local times as `HH:MM`, with `>` and the nominal time behind it when it was moved out of a gap,
        /// `a` or `b` for the first or second pass.
        let expected: String

        init(_ zone: String, _ from: String, _ through: String, _ text: String, _ expected: String) {
            self.zone = zone
            self.from = from
            self.through = through
            self.text = text
            self.expected = expected
        }

        var testDescription: String { "\(text) in \(zone) after \(from)" }
    }

    /// Builds the rows of one night.
    private static func night(
        _ zone: String, _ from: String, _ through: String, _ rows: KeyValuePairs<String, String>
    ) -> [Night] {
        rows.map { Night(zone, from, through, $0.key, $0.value) }
    }

    static let nights: [Night] = [
        night(
            "America/New_York", "2026-03-07T23:55:00-05:00", "2026-03-08T06:55:00-04:00",
            [
                "30 2 * * *": "03:00>02:30", "0 2 * * *": "03:00>02:00", "0 3 * * *": "03:00",
                "5,20 2 * * *": "03:00>02:05", "*/15 2 * * *": "", "0,30 2-3 * * *": "03:00>02:00 03:30",
                "30 * * * *": "00:30 01:30 03:30 04:30 05:30 06:30",
                "30 1-3 * * *": "01:30 03:00>02:30 03:30",
                "0 */2 * * *": "00:00 04:00 06:00", "30 2 8 * *": "03:00>02:30", "30 2 9 * *": "",
                "30 2 * * MON": "", "30 2 8 3 +SUN": "03:00>02:30", "59 59 2 * * *": "03:00>02:59",
            ]),
        night(
            "America/New_York", "2026-10-31T23:55:00-04:00", "2026-11-01T04:55:00-05:00",
            [
                "30 1 * * *": "01:30a", "0 1 * * *": "01:00a", "0 2 * * *": "02:00",
                "5,20 1 * * *": "01:05a 01:20a",
                "*/20 1 * * *": "01:00a 01:20a 01:40a 01:00b 01:20b 01:40b",
                "30 * * * *": "00:30 01:30a 01:30b 02:30 03:30 04:30", "30 0-2 * * *": "00:30 01:30a 02:30",
                "0 */2 * * *": "00:00 02:00 04:00", "0 1 1 * *": "01:00a",
                // The seconds do not decide whether a schedule follows the clock.
                "*/30 30 1 * * *": "01:30a 01:30a",
            ]),
        night(
            "Europe/London", "2026-03-28T23:55:00Z", "2026-03-29T06:55:00+01:00",
            [
                "30 1 * * *": "02:00>01:30", "30 * * * *": "00:30 02:30 03:30 04:30 05:30 06:30",
                "0 */6 * * *": "00:00 06:00",
            ]),
        night(
            "Europe/London", "2026-10-24T23:55:00+01:00", "2026-10-25T04:55:00Z",
            ["30 1 * * *": "01:30a", "30 * * * *": "00:30 01:30a 01:30b 02:30 03:30 04:30"]),
        // In Ireland winter time is the exception, with a negative shift; clocks do what they do in London.
        night(
            "Europe/Dublin", "2026-03-28T23:55:00Z", "2026-03-29T06:55:00+01:00",
            ["30 1 * * *": "02:00>01:30", "30 * * * *": "00:30 02:30 03:30 04:30 05:30 06:30"]),
        night(
            "Europe/Dublin", "2026-10-24T23:55:00+01:00", "2026-10-25T04:55:00Z",
            ["30 1 * * *": "01:30a", "30 * * * *": "00:30 01:30a 01:30b 02:30 03:30 04:30"]),
        // The day begins at 01:00.
        night(
            "Asia/Beirut", "2026-03-28T21:45:00+02:00", "2026-03-29T03:45:00+03:00",
            [
                "0 0 * * *": "01:00>00:00", "10 0 * * *": "01:00>00:10",
                "30 * * * *": "22:30 23:30 01:30 02:30 03:30",
                "0 1 * * *": "01:00", "0 0,1 * * *": "01:00>00:00", "0 0 * * SUN": "01:00>00:00",
                "0 0 * * SAT": "",
            ]),
        night(
            "Asia/Beirut", "2026-10-24T21:45:00+03:00", "2026-10-25T02:45:00+02:00",
            [
                "30 23 * * *": "23:30a", "0 0 * * *": "00:00",
                "30 * * * *": "22:30 23:30a 23:30b 00:30 01:30 02:30",
                "30 23 24 * *": "23:30a", "30 */1 25 * *": "00:30 01:30 02:30",
            ]),
        night(
            "Africa/Cairo", "2026-04-23T21:45:00+02:00", "2026-04-24T03:45:00+03:00",
            [
                "0 0 * * *": "01:00>00:00", "30 0 * * *": "01:00>00:30",
                "30 * * * *": "22:30 23:30 01:30 02:30 03:30",
            ]),
        night(
            "Africa/Cairo", "2026-10-29T21:45:00+03:00", "2026-10-30T02:45:00+02:00",
            [
                "30 23 * * *": "23:30a", "0 23 * * *": "23:00a", "0 0 * * *": "00:00",
                "30 * * * *": "22:30 23:30a 23:30b 00:30 01:30 02:30",
            ]),
        // Half an hour.
        night(
            "Australia/Lord_Howe", "2026-10-03T23:55:00+10:30", "2026-10-04T06:25:00+11:00",
            [
                "15 2 * * *": "02:30>02:15", "0 2 * * *": "02:30>02:00", "30 2 * * *": "02:30",
                "15 * * * *": "00:15 01:15 03:15 04:15 05:15 06:15", "*/15 2 * * *": "02:30 02:45",
            ]),
        night(
            "Australia/Lord_Howe", "2026-04-04T23:55:00+11:00", "2026-04-05T05:25:00+10:30",
            [
                "45 1 * * *": "01:45a", "30 1 * * *": "01:30a", "0 2 * * *": "02:00", "15 1 * * *": "01:15",
                "45 * * * *": "00:45 01:45a 01:45b 02:45 03:45 04:45",
                "*/15 1 * * *": "01:00 01:15 01:30a 01:45a 01:30b 01:45b", "0 */2 * * *": "00:00 02:00 04:00",
            ]),
        // Clocks go back for Ramadan and forward after it.
        night(
            "Africa/Casablanca", "2026-02-14T23:55:00+01:00", "2026-02-15T04:55:00Z",
            ["30 2 * * *": "02:30a", "30 * * * *": "00:30 01:30 02:30a 02:30b 03:30 04:30"]),
        night(
            "Africa/Casablanca", "2026-03-21T23:55:00Z", "2026-03-22T05:55:00+01:00",
            ["30 2 * * *": "03:00>02:30", "30 * * * *": "00:30 01:30 03:30 04:30 05:30"]),
        // Samoa had no 30 December 2011.
        night(
            "Pacific/Apia", "2011-12-29T20:00:00-10:00", "2011-12-31T13:00:00+14:00",
            [
                "0 12 * * *": "00:00>12:00 12:00", "0 12 30 * *": "00:00>12:00",
                "0 12 30 12 +FRI": "00:00>12:00",
                "0 0 * * *": "00:00>00:00", "0 0 31 * *": "00:00", "0 */8 * * *": "00:00 08:00",
                "0 0 29 * *": "",
                "0 23 * * *": "23:00 00:00>23:00", "0 0 30,31 * *": "00:00>00:00",
            ]),
        // No change at all.
        night(
            "Asia/Tokyo", "2026-03-28T23:55:00+09:00", "2026-03-29T03:00:00+09:00",
            ["30 2 * * *": "02:30", "0 * * * *": "00:00 01:00 02:00 03:00", "*/40 1 * * *": "01:00 01:40"]),
    ].flatMap { $0 }

    @Test("clock changes follow the rule", arguments: nights)
    func clockChange(_ night: Night) throws {
        let zone = try ZoneFiles.zone(night.zone)
        let schedule = Schedule(
            .cron(try CronExpression(parsing: night.text, seed: "job")), zone: zone, key: "job")
        let start = try Instant(parsingRFC3339: night.from)
        let end = try Instant(parsingRFC3339: night.through)
        let found = schedule.occurrences(after: start, through: end, limit: 100)
        #expect(found.map { Self.text($0, zone) }.joined(separator: " ") == night.expected)
        var backward: [Occurrence] = []
        var instant = end + .microseconds(1)
        while let previous = schedule.previous(before: instant), previous.instant > start {
            backward.append(previous)
            instant = previous.instant
        }
        #expect(backward.reversed() == found)
    }

    private static func text(_ occurrence: Occurrence, _ zone: Zone) -> String {
        func clock(_ local: CivilDateTime) -> String { String(local.description.dropFirst(11).prefix(5)) }
        let shown = clock(zone.local(at: occurrence.instant))
        switch occurrence.adjustment {
        case .none: return shown
        case .movedOutOfGap: return shown + ">" + clock(occurrence.local)
        case .firstOfTwo: return shown + "a"
        case .secondOfTwo: return shown + "b"
        }
    }

    @Test("a night out of the life of a fixed time: moved once, then on time again")
    func movedOnce() throws {
        let zone = try ZoneFiles.zone("America/New_York")
        let expression = try CronExpression(parsing: "30 2 * * *", seed: "job")
        let start = try Instant(parsingRFC3339: "2026-03-07T12:00:00-05:00")
        let found = Schedule(.cron(expression), zone: zone, key: "job")
            .occurrences(after: start, through: start + .seconds(4 * 86_400), limit: 3)
        #expect(
            found.map { $0.instant.rfc3339(offset: zone.offset(at: $0.instant)) } == [
                "2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00", "2026-03-10T02:30:00-04:00",
            ])
        #expect(found.map(\.adjustment) == [.movedOutOfGap, .none, .none])
    }
}
