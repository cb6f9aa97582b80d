import CivilTime
import TestFiles
import Testing

@Suite("zone files")
struct TZifDecoderTests {
    static let summer = TZifFile.LocalType(offset: 7200, isDaylight: 1, abbreviation: 4)
    static let winter = TZifFile.LocalType(offset: 3600, abbreviation: 0)
    static let town = TZifFile(
        types: [winter, summer], transitions: [(-1000, 1), (1000, 0), (5000, 1)], abbreviations: "WIN\0SUM\0")

    @Test("versions 1 to 4 give the same changes", arguments: ["0", "2", "3", "4"] as [Character])
    func versions(version: Character) throws {
        var file = Self.town
        file.version = version
        let zone = try Zone(name: "Town", tzif: file.bytes)
        for (seconds, offset, name) in [
            (-1001, 3600, "WIN"), (-1000, 7200, "SUM"), (999, 7200, "SUM"), (1000, 3600, "WIN"),
            (4999, 3600, "WIN"),
            (5000, 7200, "SUM"), (9_000_000_000, 7200, "SUM"),
        ] {
            let instant = Instant(seconds: Int64(seconds))
            #expect(zone.offset(at: instant) == offset)
            #expect(zone.abbreviation(at: instant) == name)
        }
        #expect(
            zone.span(containing: Instant(seconds: 0))
                == ZoneSpan(startSeconds: -1000, endSeconds: 1000, offset: 7200))
        #expect(!zone.span(containing: Instant(seconds: 5000)).hasEnd)
        #expect(!zone.span(containing: Instant(seconds: -1001)).hasStart)
        #expect(zone.nextTransition(after: Instant(seconds: 5000)) == nil)
        #expect(zone.previousTransition(atOrBefore: Instant(seconds: -1001)) == nil)
    }

    @Test("a change of the name alone is no change of the offset, and ends no span")
    func nameChange() throws {
        var file = Self.town
        file.types[1].offset = 3600
        let zone = try Zone(name: "Town", tzif: file.bytes)
        #expect(zone.isFixed)
        #expect(zone.abbreviation(at: Instant(seconds: 0)) == "SUM")
        #expect(zone.nextTransition(after: Instant(seconds: -5000)) == nil)
    }

    @Test("a footer rules what comes after the last change, and all time when there is none")
    func footer() throws {
        var file = TZifFile(types: [Self.winter], footer: "CET-1CEST,M3.5.0,M10.5.0/3")
        file.abbreviations = "CET\0"
        let always = try Zone(name: "Always", tzif: file.bytes)
        for (text, offset) in [
            ("0026-07-01T00:00:00Z", 7200), ("1799-12-31T00:00:00Z", 3600), ("2026-03-29T00:59:59Z", 3600),
            ("2026-03-29T01:00:00Z", 7200), ("2026-10-25T00:59:59Z", 7200), ("2026-10-25T01:00:00Z", 3600),
            ("9999-07-01T00:00:00Z", 7200), ("9999-12-01T00:00:00Z", 3600),
        ] {
            #expect(always.offset(at: try Instant(parsingRFC3339: text)) == offset, "\(text)")
        }
        file.transitions = [(1_774_745_999, 0)]
        let since = try Zone(name: "Since", tzif: file.bytes)
        #expect(since.offset(at: try Instant(parsingRFC3339: "2025-07-01T00:00:00Z")) == 3600)
        #expect(since.offset(at: try Instant(parsingRFC3339: "2026-07-01T00:00:00Z")) == 7200)
    }

    @Test("daylight saving all the year has no changes")
    func permanentDaylight() throws {
        let file = TZifFile(types: [.init(offset: -10_800)], footer: "XXX3EDT4,0/0,J365/23")
        let zone = try Zone(name: "Always", tzif: file.bytes)
        #expect(zone.isFixed)
        #expect(zone.offset(at: try Instant(parsingRFC3339: "2026-01-01T02:59:59Z")) == -14_400)
        #expect(zone.abbreviation(at: try Instant(parsingRFC3339: "2026-07-01T00:00:00Z")) == "EDT")
        let later = TZifFile(
            types: [.init(offset: -10_800)], transitions: [(1_767_236_400, 0)], footer: "XXX3EDT4,0/0,J365/23"
        )
        let since = try Zone(name: "Since", tzif: later.bytes)
        #expect(since.nextTransition(after: Instant(seconds: 1_900_000_000)) == nil)
        #expect(since.offset(at: Instant(seconds: 1_900_000_000)) == -14_400)
    }

    /// A fault put into the bytes of `town`, and what must be said about it.
    struct Damage: Sendable, CustomStringConvertible {
        let description: String
        let reason: TZifError.Reason
        let offset: Int
        let change: @Sendable (inout [UInt8]) -> Void

        init(
            _ description: String, _ reason: TZifError.Reason, at offset: Int,
            _ change: @escaping @Sendable (inout [UInt8]) -> Void
        ) {
            self.description = description
            self.reason = reason
            self.offset = offset
            self.change = change
        }
    }

    /// Where the parts of the 64-bit half of `town` begin, after 44 bytes of header and 35 of data.
    enum Place {
        static let header = 79
        static let data = header + 44
        static let indices = data + 24
        static let types = indices + 3
        static let names = types + 12
        static let footer = names + 8
    }

    static let damages = [
        Damage("no magic", .notAZoneFile, at: 0) { $0[0] = 116 },
        Damage("nothing", .notAZoneFile, at: 0) { $0 = [] },
        Damage("no second magic", .notAZoneFile, at: Place.header) { $0[Place.header] = 116 },
        Damage("version 5", .unknownVersion(0x35), at: 4) { $0[4] = 0x35 },
        Damage("a huge count", .invalid("a count beyond 31 bits"), at: 32) { $0[32] = 0x80 },
        Damage("half a file", .truncated("its header"), at: Place.header) {
            $0.removeLast($0.count - Place.header)
        },
        Damage("no types", .invalid("0 local time types; 1 to 256 are possible"), at: Place.header + 36) {
            $0[Place.header + 39] = 0
        },
        Damage("no names", .invalid("no zone abbreviations"), at: Place.header + 40) {
            $0[Place.header + 43] = 0
        },
        Damage("indicators", .invalid("1 indicators for 2 types"), at: Place.header + 20) {
            $0[Place.header + 23] = 1
        },
        Damage("leap seconds", .leapSeconds, at: Place.header + 28) { $0[Place.header + 31] = 1 },
        Damage("a name with an escape", .invalid("an abbreviation that cannot be printed"), at: Place.names) {
            $0[Place.names] = 0x1b
        },
        Damage("times that fall", .invalid("transition times that do not ascend"), at: Place.data + 8) {
            $0[Place.data + 8] = 0x80
        },
        Damage("a type too many", .invalid("type 2 of 2"), at: Place.indices) { $0[Place.indices] = 2 },
        Damage("a far offset", .invalid("an offset of 16780816 seconds from UTC"), at: Place.types) {
            $0[Place.types] = 1
        },
        Damage("a mark of 2", .invalid("a daylight saving mark that is not 0 or 1"), at: Place.types + 4) {
            $0[Place.types + 4] = 2
        },
        Damage("a name outside", .invalid("an abbreviation outside of the list"), at: Place.types + 5) {
            $0[Place.types + 5] = 8
        },
        Damage("a name without end", .invalid("an abbreviation outside of the list"), at: Place.types + 11) {
            $0[Place.footer - 1] = 65
        },
        Damage("no footer", .truncated("its footer"), at: Place.footer) { $0.removeLast(2) },
        Damage("an open footer", .truncated("its footer"), at: Place.footer + 1) { $0.removeLast() },
        Damage("no line", .footer("no line begins"), at: Place.footer) { $0[Place.footer] = 65 },
    ]

    @Test("a damaged file is refused with the reason and the place", arguments: damages)
    func damaged(damage: Damage) {
        var bytes = Self.town.bytes
        #expect(bytes.count == Place.footer + 2)
        damage.change(&bytes)
        let error = #expect(throws: TZifError.self) { try Zone(name: "Town", tzif: bytes) }
        #expect(error?.reason == damage.reason)
        #expect(error?.byteOffset == damage.offset)
        #expect(error?.hint.isEmpty == false && error?.description.isEmpty == false)
    }

    @Test("more changes than any real zone has are refused")
    func tooMany() {
        var file = Self.town
        file.transitions = (0...10_000).map { (Int64($0), UInt8($0 % 2)) }
        let error = #expect(throws: TZifError.self) { try Zone(name: "Town", tzif: file.bytes) }
        #expect(error?.reason == .tooManyTransitions(10_001))
    }

    @Test("changes at the ends of 64 bits are no trap")
    func extremes() throws {
        var file = Self.town
        file.footer = "CET-1CEST,M3.5.0,M10.5.0/3"
        file.transitions = [(.min, 1), (-1 << 59, 0), (0, 1), (.max, 0)]
        let zone = try Zone(name: "Town", tzif: file.bytes)
        for instant in [Instant.earliest, .latest, Instant(microseconds: .min), Instant(microseconds: .max)] {
            let local = zone.local(at: instant)
            _ = zone.resolve(local)
            _ = zone.nextTransition(after: instant)
            _ = zone.previousTransition(atOrBefore: instant)
            _ = zone.abbreviation(at: instant)
        }
        #expect(zone.offset(at: .earliest) == 3600)
        #expect(zone.offset(at: Instant(seconds: 0)) == 7200)
        #expect(zone.offset(at: .latest) == 7200)
    }

    @Test(
        "a file cut anywhere is refused",
        arguments: ["Europe/Dublin", "America/New_York", "UTC", "Africa/Casablanca"])
    func truncation(name: String) throws {
        let bytes = try ZoneFiles.bytes(of: name)
        for length in 0..<bytes.count {
            #expect(throws: TZifError.self) { try Zone(name: name, tzif: Array(bytes[..<length])) }
        }
        _ = try Zone(name: name, tzif: bytes)
    }

    @Test("every zone file of the system is read")
    func system() throws {
        let names = try ZoneFiles.names()
        #expect(names.count > 400)
        for name in names { _ = try ZoneFiles.zone(name) }
    }

    // Debian 12 has such files below right/, and later releases only in another package.
    @Test("a zone file that counts leap seconds is refused")
    func leapSeconds() {
        let file = TZifFile(leapSeconds: 27)
        let error = #expect(throws: TZifError.self) { try Zone(name: "right/Town", tzif: file.bytes) }
        #expect(error?.reason == .leapSeconds)
    }
}
