import CivilTime
import Markup
import TestFiles
import Testing

@testable import Pages

@Suite("times on pages")
struct TimesTests {
    @Test("an instant is shown in UTC, with its date unless that is today")
    func utc() throws {
        let texts = [
            ("2026-11-29T00:10:00Z", "00:10 UTC"), ("2026-11-29T00:10:07Z", "00:10:07 UTC"),
            ("2026-11-28T23:59:00Z", "Sat 28 Nov 23:59 UTC"),
            ("2027-11-28T01:00:00Z", "Sun 28 Nov 2027 01:00 UTC"),
        ]
        for (instant, text) in texts {
            #expect(Fixture.times.text(try #require(Instant(rfc3339: instant))) == text)
        }
    }

    @Test("beside it stands the zone that was chosen, with the date where that differs")
    func zone() throws {
        let times = Times(zone: try ZoneFiles.zone("Asia/Beirut"), now: Fixture.now)
        func text(_ instant: String) throws -> String {
            String(decoding: times.moment(try #require(Instant(rfc3339: instant))).bytes, as: UTF8.self)
        }
        #expect(
            try text("2026-11-29T00:10:00Z")
                == "<time datetime=\"2026-11-29T00:10:00Z\">00:10 UTC<span class=\"local\"> 02:10 Asia/Beirut</span></time>"
        )
        #expect(
            try text("2026-11-28T22:30:00Z").contains(
                "Sat 28 Nov 22:30 UTC<span class=\"local\"> Sun 29 Nov 00:30 Asia/Beirut"))
        #expect(
            try text("2026-11-29T22:30:00Z").contains(
                "22:30 UTC<span class=\"local\"> Mon 30 Nov 00:30 Asia/Beirut"))
    }

    @Test(
        "how far away it is changes once a minute",
        arguments: [
            (-24_138, "6 h 42 min ago"), (-59, "less than a minute ago"), (62_862, "in 17 h 28 min"),
            (-2_419_300, "28 d ago"), (30, "in less than a minute"), (162, "in 3 min"),
        ] as [(Int64, String)])
    func distance(seconds: Int64, text: String) {
        #expect(Fixture.times.distance(Fixture.now + .seconds(seconds)) == text)
        let later = Times(zone: .utc, now: Fixture.now + .seconds(41))
        #expect(later.distance(Fixture.now + .seconds(seconds)) == text || abs(seconds) < 60)
    }

    @Test("what the fields show as an example can be typed")
    func examples() throws {
        for example in RunTable.examples + [ActionPage.PauseWords.example] {
            _ = try TimePhrase.parse(example, now: Fixture.now, in: .utc)
        }
        for length in ActionPage.PauseWords.ends { _ = try DurationText.parse(length) }
    }

    @Test(
        "numbers have a comma at each thousand",
        arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (12_345_678, "12,345,678"), (-1234, "-1,234")])
    func numbers(number: Int, text: String) {
        #expect(number.grouped == text)
    }
}
