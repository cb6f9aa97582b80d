import CivilTime
import Testing

@Suite("rules of zone files for later years")
struct PosixTimeZoneTests {
    struct Row: Sendable, CustomStringConvertible {
        let rule: String
        /// Instants around changes, and the offsets that hold from them on.
        let offsets: [(String, Int)]
        var description: String { rule }
    }

    static let rows = [
        Row(rule: "UTC0", offsets: [("2026-01-01T00:00:00Z", 0)]),
        Row(rule: "<+03>-3", offsets: [("2026-07-01T00:00:00Z", 10_800)]),
        Row(rule: "<-0330>3:30", offsets: [("2026-07-01T00:00:00Z", -12_600)]),
        Row(rule: "ABC+5:04:03", offsets: [("2026-07-01T00:00:00Z", -18_243)]),
        Row(
            rule: "CET-1CEST,M3.5.0,M10.5.0/3",
            offsets: [
                ("2026-03-29T00:59:59Z", 3600), ("2026-03-29T01:00:00Z", 7200),
                ("2026-10-25T00:59:59Z", 7200),
                ("2026-10-25T01:00:00Z", 3600),
            ]),
        Row(
            rule: "IST-1GMT0,M10.5.0,M3.5.0/1",
            offsets: [
                ("2026-03-29T00:59:59Z", 0), ("2026-03-29T01:00:00Z", 3600), ("2026-10-25T00:59:59Z", 3600),
                ("2026-10-25T01:00:00Z", 0),
            ]),
        // Godthab's rule before 2023: a change on the day before, as hours below zero.
        Row(
            rule: "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
            offsets: [
                ("2022-03-27T00:59:59Z", -10_800), ("2022-03-27T01:00:00Z", -7200),
                ("2022-10-30T00:59:59Z", -7200),
                ("2022-10-30T01:00:00Z", -10_800),
            ]),
        // Gaza's rule: the Saturday after the fourth Thursday, as hours beyond the day.
        Row(
            rule: "EET-2EEST,M3.4.4/50,M10.4.4/50",
            offsets: [
                ("2026-03-27T23:59:59Z", 7200), ("2026-03-28T00:00:00Z", 10_800),
                ("2026-10-23T22:59:59Z", 10_800),
                ("2026-10-23T23:00:00Z", 7200),
            ]),
        Row(
            rule: "AAA0BBB-2,J60/0,J300/0",
            offsets: [
                ("2026-02-28T23:59:59Z", 0), ("2026-03-01T00:00:00Z", 7200), ("2028-02-29T23:59:59Z", 0),
                ("2028-03-01T00:00:00Z", 7200), ("2028-10-26T22:00:00Z", 0), ("2028-10-26T21:59:59Z", 7200),
            ]),
        Row(
            rule: "AAA0BBB,59/0,299",
            offsets: [
                ("2026-03-01T00:00:00Z", 3600), ("2028-02-28T23:59:59Z", 0), ("2028-02-29T00:00:00Z", 3600),
                ("2027-10-27T00:59:59Z", 3600), ("2027-10-27T01:00:00Z", 0),
            ]),
        Row(
            rule: "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
            offsets: [
                ("2026-10-03T15:29:59Z", 37_800), ("2026-10-03T15:30:00Z", 39_600),
                ("2026-04-04T15:00:00Z", 37_800),
            ]),
    ]

    @Test("every form of rule is understood", arguments: rows)
    func rules(row: Row) throws {
        let zone = try Zone(name: "Rule", tzif: TZifFile(version: "3", footer: row.rule).bytes)
        for (text, offset) in row.offsets {
            #expect(zone.offset(at: try Instant(parsingRFC3339: text)) == offset, "at \(text)")
        }
    }

    @Test(
        "what is no rule is refused with the reason and the place",
        arguments: [
            ("", "fewer than 3", 0), ("AB0", "fewer than 3", 2), ("<AB>0", "fewer than 3", 3),
            ("<ABC0", "> is missing", 5),
            ("ABC", "no hour", 3), ("ABC25", "hour 25", 5), ("ABC1:60", "minute 60", 7),
            ("ABC1:2:99", "second 99", 9),
            ("ABC0DEF", ", is missing", 7), ("ABC0DEF,M3.5.0", ", is missing", 14),
            ("ABC0DEF,M13.1.0,M10.1.0", "month 13", 11), ("ABC0DEF,M3.6.0,M10.1.0", "week 6", 12),
            ("ABC0DEF,M3.5.7,M10.1.0", "weekday 7", 14), ("ABC0DEF,J0,J5", "day of the year 0", 10),
            ("ABC0DEF,366,5", "day of the year 366", 11), ("ABC0DEF,1/168,5", "hour 168", 13),
            ("ABC0DEF,1/2,5/-1x", "follows its end", 16), ("ABC0DEF,M3,5,M10.1.0", ". is missing", 10),
        ])
    func refuses(rule: String, reason: String, offset: Int) {
        let error = #expect(throws: TZifError.self) { try PosixTimeZone(rule) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.byteOffset == offset)
    }

    @Test("a rule that is too long is refused")
    func tooLong() {
        #expect(throws: TZifError.self) {
            try PosixTimeZone("<" + String(repeating: "A", count: 300) + ">0")
        }
    }
}
