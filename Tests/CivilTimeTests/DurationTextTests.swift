import CivilTime
import Testing

@Suite("durations in words and in ISO 8601")
struct DurationTextTests {
    @Test(
        "both forms are read",
        arguments: [
            ("90s", 90), ("10m", 600), ("2h", 7200), ("1d", 86_400), ("1h30m", 5400), ("1w", 604_800),
            ("1w1d1h1m1s", 694_861), ("0s", 0), ("2H", 7200), ("36525d", 3_155_760_000),
            ("PT5M", 300), ("P1DT2H", 93_600), ("PT72H", 259_200), ("PT0S", 0), ("P2W", 1_209_600),
            ("P31D", 2_678_400), ("PT03M", 180), ("pt1h", 3600),
        ] as [(String, Int)])
    func reads(text: String, seconds: Int) throws {
        #expect(try DurationText.parse(text) == .seconds(seconds))
    }

    @Test("a fraction of a second is read to the microsecond")
    func fraction() throws {
        #expect(try DurationText.parse("1.5s") == .milliseconds(1500))
        #expect(try DurationText.parse("PT0.0000019S") == .microseconds(1))
    }

    @Test(
        "what is no duration is refused with a reason and its place",
        arguments: [
            ("", .empty, 0), ("s", .noNumber, 0), ("10", .noUnit, 2), ("10x", .unknownUnit("x"), 2),
            ("1m1h", .unitsOutOfOrder("h"), 3), ("1h1h", .unitsOutOfOrder("h"), 3), ("1.5h", .badFraction, 3),
            ("1.s", .badFraction, 2), ("-1s", .negative, 0), ("-PT1S", .negative, 0), ("36526d", .tooLong, 0),
            ("99999999999s", .tooLong, 10), ("P1M", .calendarUnits, 0), ("P1Y", .calendarUnits, 0),
            ("P", .noNumber, 1), ("PT", .noNumber, 2), ("P1DT", .noNumber, 4), ("P1H", .unknownUnit("H"), 2),
            ("PT1D", .unknownUnit("D"), 3), ("PT7DT", .unknownUnit("D"), 3), ("1 h", .unknownUnit("?"), 1),
            ("9999999999w", .tooLong, 0), ("36525d1s", .tooLong, 6), ("1é", .unknownUnit("?"), 1),
            ("1\u{e}5s", .unknownUnit("?"), 1),
        ] as [(String, DurationError.Reason, Int)])
    func refuses(text: String, reason: DurationError.Reason, offset: Int) {
        let error = #expect(throws: DurationError.self) { try DurationText.parse(text) }
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
        #expect(error?.hint.isEmpty == false)
    }

    @Test("years and months are kept apart for those who can place them")
    func periods() throws {
        #expect(
            try DurationText.parsePeriod("P1Y1M4DT2H5M")
                == CivilPeriod(months: 13, time: .seconds(4 * 86_400 + 7500)))
        #expect(throws: DurationError.self) { try DurationText.parsePeriod("P101Y") }
        #expect(throws: DurationError.self) { try DurationText.parsePeriod("5m") }
    }

    @Test(
        "the shortest readable form is written",
        arguments: [
            (0, "0s", "PT0S"), (90, "90s", "PT90S"), (600, "10m", "PT10M"), (5400, "90m", "PT90M"),
            (7200, "2h", "PT2H"), (86_400, "1d", "P1D"), (259_200, "3d", "P3D"), (93_600, "26h", "PT26H"),
            (3661, "1h1m1s", "PT1H1M1S"), (86_401, "1d1s", "P1DT1S"), (-600, "-10m", "-PT10M"),
            (3_155_760_000, "36525d", "P36525D"),
        ] as [(Int, String, String)])
    func writes(seconds: Int, compact: String, iso8601: String) {
        #expect(DurationText.compact(.seconds(seconds)) == compact)
        #expect(DurationText.iso8601(.seconds(seconds)) == iso8601)
    }

    @Test(
        "what is written is read back",
        arguments: [1, 999_999, 1_500_000, 59_000_000, 3_599_999_999, 86_400_000_001])
    func roundTrip(microseconds: Int) throws {
        let duration = Duration.microseconds(microseconds)
        #expect(try DurationText.parse(DurationText.compact(duration)) == duration)
        #expect(try DurationText.parse(DurationText.iso8601(duration)) == duration)
    }
}
