import CivilTime
import TestFiles
import Testing

@Suite("instants as people type them")
struct TimePhraseTests {
    private let now = Instant(rfc3339: "2026-11-24T10:30:00Z") ?? .earliest

    @Test(
        "a date, a local time, a word and a time ago are instants",
        arguments: [
            ("now", "2026-11-24T10:30:00Z"), ("24h", "2026-11-23T10:30:00Z"), ("90m", "2026-11-24T09:00:00Z"),
            ("today", "2026-11-23T22:00:00Z"), ("yesterday", "2026-11-22T22:00:00Z"),
            ("tomorrow", "2026-11-24T22:00:00Z"), ("2026-11-23", "2026-11-22T22:00:00Z"),
            ("2026-11-23 10:00", "2026-11-23T08:00:00Z"), ("2026-11-23T10:00:05", "2026-11-23T08:00:05Z"),
            ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"), ("2026-11-23T10:00Z", "2026-11-23T10:00:00Z"),
            ("2026-11-23 10:00+01:00", "2026-11-23T09:00:00Z"), ("tomorrow 09:00", "2026-11-25T07:00:00Z"),
            ("yesterday 18:00", "2026-11-23T16:00:00Z"), ("today 00:10:05", "2026-11-23T22:10:05Z"),
            ("09:00", "2026-11-24T07:00:00Z"),
            ("2026-11-23T10:00:00.5+01:00", "2026-11-23T09:00:00.500000Z"),
        ])
    func forms(_ text: String, _ wanted: String) throws {
        let beirut = Zone.fixed(offset: 7200)
        #expect(try TimePhrase.parse(text, now: now, in: beirut).rfc3339 == wanted)
    }

    @Test("of a local time that is skipped, or comes twice, it is the first that can be meant")
    func changes() throws {
        let zone = try Zone(
            name: "Berlin", tzif: TZifFile(version: "3", footer: "CET-1CEST,M3.5.0,M10.5.0/3").bytes)
        func parse(_ text: String) throws -> String {
            try TimePhrase.parse(text, now: now, in: zone).rfc3339
        }
        #expect(try parse("2026-03-29 02:30") == "2026-03-29T01:00:00Z")
        #expect(try parse("2026-10-25 02:30") == "2026-10-25T00:30:00Z")
    }

    @Test(
        "a text that is not a time is refused with forms that are",
        arguments: [
            "", "soon", "2026-13-01", "2026-11-23 25:00", "-5m", "tomorrow 25:00", "tomorrow soon", "9:00",
            "x 09:00", "2026-11-23T10",
        ])
    func refused(_ text: String) {
        #expect(throws: DateTimeError.self) { try TimePhrase.parse(text, now: now, in: .utc) }
    }
}
