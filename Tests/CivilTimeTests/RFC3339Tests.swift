import CivilTime
import RandomInput
import Testing

@Suite("instants as RFC 3339 writes them")
struct RFC3339Tests {
    @Test(
        "texts are read",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-03-29T01:00:00+03:00", 1_774_735_200_000_000),
            ("2026-03-28T22:00:00Z", 1_774_735_200_000_000), ("2026-03-28t22:00:00z", 1_774_735_200_000_000),
            ("2026-03-28 22:00:00Z", 1_774_735_200_000_000), ("1969-12-31T23:59:59.999999Z", -1),
            ("1970-01-01T00:00:00.5Z", 500_000), ("1970-01-01T00:00:00.1234569Z", 123_456),
            ("1970-01-01T00:00:00-23:59", 86_340_000_000), ("0000-01-01T00:00:00Z", -62_167_219_200_000_000),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999), ("1970-01-01T00:00:00-00:00", 0),
        ] as [(String, Int64)])
    func reads(text: String, microseconds: Int64) throws {
        #expect(try Instant(parsingRFC3339: text).microseconds == microseconds)
        #expect(Instant(rfc3339: text) != nil)
    }

    @Test(
        "what is none is refused with a reason",
        arguments: [
            ("", "year"), ("2026", "year"), ("2026-03-29", "time of day is missing"),
            ("26-03-29T00:00:00Z", "year"),
            ("2026-02-30T00:00:00Z", "no such day"), ("2026-03-29T24:00:00Z", "time of day does not exist"),
            ("2026-03-29T00:60:00Z", "time of day does not exist"), ("2026-06-30T23:59:60Z", "leap seconds"),
            ("2026-03-29T00:00:00", "no offset"), ("2026-03-29T00:00Z", "after the minute"),
            ("2026-03-29T00:00:00.Z", "no digit"), ("2026-03-29T00:00:00+0300", ": is missing"),
            ("2026-03-29T00:00:00+24:00", "a day or more"), ("2026-03-29T00:00:00Zulu", "follows its end"),
            ("2026-03-29T00:00:00 +03:00", "other than an offset"), ("٢٠٢٦-03-29T00:00:00Z", "year"),
            ("2026-03-29T00:00:00\u{0}", "other than an offset"), ("+2026-03-29T00:00:00Z", "year"),
        ])
    func refuses(text: String, reason: String) {
        #expect(Instant(rfc3339: text) == nil)
        let error = #expect(throws: DateTimeError.self) { try Instant(parsingRFC3339: text) }
        #expect(error?.reason.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.hint.isEmpty == false)
    }

    @Test("a refusal shows no control characters and no more than the beginning")
    func refusalText() {
        let text = "\u{1b}[31m" + String(repeating: "x", count: 1000)
        let error = #expect(throws: DateTimeError.self) { try Instant(parsingRFC3339: text) }
        #expect(error?.description.contains("\u{1b}") == false)
        #expect((error?.description.count ?? 0) < 150)
    }

    @Test("instants are written in UTC, at an offset, and with a fraction when there is one")
    func writes() throws {
        let instant = try Instant(parsingRFC3339: "2026-03-28T22:00:00Z")
        #expect(instant.rfc3339 == "2026-03-28T22:00:00Z")
        #expect(instant.rfc3339(offset: 10_800) == "2026-03-29T01:00:00+03:00")
        #expect(instant.rfc3339(offset: -12_600) == "2026-03-28T18:30:00-03:30")
        #expect(instant.rfc3339(offset: 1172) == "2026-03-28T22:19:32+00:19:32")
        #expect((instant + .microseconds(5)).rfc3339 == "2026-03-28T22:00:00.000005Z")
        #expect(instant.rfc3339(offset: 0, alwaysWithFraction: true) == "2026-03-28T22:00:00.000000Z")
        #expect(Instant(microseconds: -1).rfc3339 == "1969-12-31T23:59:59.999999Z")
        #expect("\(instant)" == instant.rfc3339)
        #expect(Instant(microseconds: .min).rfc3339.hasPrefix("-290308-12-21T19:59:05"))
        #expect(Instant(microseconds: .max).rfc3339.hasPrefix("+294247-01-10T04:00:54"))
    }

    @Test("what is written is read back the same")
    func roundTrip() throws {
        var generator = SeededRandom(seed: 3)
        for _ in 0..<2000 {
            let microseconds = Int64.random(
                in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &generator)
            let instant = Instant(microseconds: microseconds)
            #expect(Instant(rfc3339: instant.rfc3339) == instant)
        }
    }

    @Test("dates and times without an offset are read as they are")
    func local() throws {
        let local = try ISO8601.dateTime("2005-03-29T00:10:00.25")
        #expect(local.local.description == "2005-03-29T00:10:00")
        #expect(local.microseconds == 250_000)
        #expect(local.offset == nil)
        #expect(try ISO8601.dateTime("2005-03-29T00:10:00-01:30").offset == -5400)
        #expect(try ISO8601.date("2005-03-29").description == "2005-03-29")
        #expect(throws: DateTimeError.self) { try ISO8601.date("2005-03-29T00:00:00") }
    }

    @Test("seconds are rounded towards the past, at the ends of the time line too")
    func seconds() {
        #expect(Instant(microseconds: -1).seconds == -1)
        #expect(Instant(microseconds: 1_999_999).seconds == 1)
        #expect(Instant(microseconds: .min).seconds == Int64.min / 1_000_000 - 1)
        #expect(Instant.latest.seconds == Int64.max / 1_000_000)
    }
}
