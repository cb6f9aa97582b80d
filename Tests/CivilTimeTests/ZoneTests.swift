import CivilTime
import TestFiles
import Testing

@Suite("local times in zones")
struct ZoneTests {
    struct Change: Sendable, CustomStringConvertible {
        let zone: String
        /// A local time that is skipped or repeated there.
        let local: String
        /// The first instant after the gap and its length; or both passes.
        let instants: [String]
        var shift = 0
        var description: String { "\(zone) \(local)" }
    }

    static let gaps = [
        Change(
            zone: "America/New_York", local: "2026-03-08T02:30:00", instants: ["2026-03-08T03:00:00-04:00"],
            shift: 3600),
        Change(
            zone: "America/New_York", local: "2026-03-08T02:00:00", instants: ["2026-03-08T03:00:00-04:00"],
            shift: 3600),
        Change(
            zone: "America/New_York", local: "2026-03-08T02:59:59", instants: ["2026-03-08T03:00:00-04:00"],
            shift: 3600),
        Change(
            zone: "Europe/London", local: "2026-03-29T01:30:00", instants: ["2026-03-29T02:00:00+01:00"],
            shift: 3600),
        Change(
            zone: "Europe/Dublin", local: "2026-03-29T01:30:00", instants: ["2026-03-29T02:00:00+01:00"],
            shift: 3600),
        Change(
            zone: "Asia/Beirut", local: "2026-03-29T00:10:00", instants: ["2026-03-29T01:00:00+03:00"],
            shift: 3600),
        Change(
            zone: "Africa/Cairo", local: "2026-04-24T00:30:00", instants: ["2026-04-24T01:00:00+03:00"],
            shift: 3600),
        Change(
            zone: "Australia/Lord_Howe", local: "2026-10-04T02:15:00",
            instants: ["2026-10-04T02:30:00+11:00"], shift: 1800),
        Change(
            zone: "Pacific/Apia", local: "2011-12-30T12:00:00", instants: ["2011-12-31T00:00:00+14:00"],
            shift: 86_400),
        Change(
            zone: "Antarctica/Troll", local: "2026-03-29T02:00:00", instants: ["2026-03-29T03:00:00+02:00"],
            shift: 7200),
        Change(
            zone: "Africa/Casablanca", local: "2026-03-22T02:30:00", instants: ["2026-03-22T03:00:00+01:00"],
            shift: 3600),
    ]

    static let overlaps = [
        Change(
            zone: "America/New_York", local: "2026-11-01T01:30:00",
            instants: ["2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"]),
        Change(
            zone: "America/New_York", local: "2026-11-01T01:00:00",
            instants: ["2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00"]),
        Change(
            zone: "Europe/Dublin", local: "2026-10-25T01:30:00",
            instants: ["2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00+00:00"]),
        Change(
            zone: "Asia/Beirut", local: "2026-10-24T23:30:00",
            instants: ["2026-10-24T23:30:00+03:00", "2026-10-24T23:30:00+02:00"]),
        Change(
            zone: "Africa/Cairo", local: "2026-10-29T23:59:59",
            instants: ["2026-10-29T23:59:59+03:00", "2026-10-29T23:59:59+02:00"]),
        Change(
            zone: "Australia/Lord_Howe", local: "2026-04-05T01:45:00",
            instants: ["2026-04-05T01:45:00+11:00", "2026-04-05T01:45:00+10:30"]),
        // The day that Kwajalein lived twice, a whole one.
        Change(
            zone: "Pacific/Kwajalein", local: "1969-09-30T12:00:00",
            instants: ["1969-09-30T12:00:00+11:00", "1969-09-30T12:00:00-12:00"]),
    ]

    static func local(_ text: String) throws -> CivilDateTime { try ISO8601.dateTime(text).local }

    @Test(
        "a zone has a lasting offset once its clocks change no more",
        arguments: [
            ("Asia/Kolkata", "2026-01-01T00:00:00Z", 19_800), ("Asia/Kolkata", "1942-01-01T00:00:00Z", nil),
            ("Europe/Berlin", "2026-01-01T00:00:00Z", nil), ("UTC", "1970-01-01T00:00:00Z", 0),
        ] as [(String, String, Int?)])
    func lastingOffset(_ name: String, _ instant: String, _ offset: Int?) throws {
        let zone = try ZoneFiles.zone(name)
        #expect(zone.lastingOffset(from: try Instant(parsingRFC3339: instant)) == offset)
    }

    @Test("a skipped local time is followed by the first instant after it", arguments: gaps)
    func gap(change: Change) throws {
        let zone = try ZoneFiles.zone(change.zone)
        let after = try Instant(parsingRFC3339: change.instants[0])
        #expect(
            zone.resolve(try Self.local(change.local)) == .gap(firstInstantAfter: after, shift: change.shift))
    }

    @Test("a skipped local time of the year 9000 follows from the rule in the file")
    func farGap() throws {
        let file = TZifFile(types: [.init(offset: -18_000)], footer: "EST5EDT,M3.2.0,M11.1.0")
        let zone = try Zone(name: "Town", tzif: file.bytes)
        let after = try Instant(parsingRFC3339: "9000-03-09T03:00:00-04:00")
        #expect(
            zone.resolve(try Self.local("9000-03-09T02:30:00"))
                == .gap(firstInstantAfter: after, shift: 3600))
    }

    @Test("a repeated local time stands for two instants", arguments: overlaps)
    func overlap(change: Change) throws {
        let zone = try ZoneFiles.zone(change.zone)
        let instants = try change.instants.map { try Instant(parsingRFC3339: $0) }
        #expect(
            zone.resolve(try Self.local(change.local)) == .overlap(earlier: instants[0], later: instants[1]))
    }

    @Test(
        "the edges of a change belong to one side",
        arguments: [
            ("America/New_York", "2026-03-08T01:59:59", "2026-03-08T01:59:59-05:00"),
            ("America/New_York", "2026-03-08T03:00:00", "2026-03-08T03:00:00-04:00"),
            ("America/New_York", "2026-11-01T00:59:59", "2026-11-01T00:59:59-04:00"),
            ("America/New_York", "2026-11-01T02:00:00", "2026-11-01T02:00:00-05:00"),
            ("America/Phoenix", "2026-03-08T02:30:00", "2026-03-08T02:30:00-07:00"),
            ("Asia/Kathmandu", "2026-03-08T02:30:00", "2026-03-08T02:30:00+05:45"),
            ("Pacific/Apia", "2011-12-29T23:59:59", "2011-12-29T23:59:59-10:00"),
            ("Pacific/Apia", "2011-12-31T00:00:00", "2011-12-31T00:00:00+14:00"),
        ])
    func unique(zone: String, local: String, instant: String) throws {
        let instant = try Instant(parsingRFC3339: instant)
        #expect(try ZoneFiles.zone(zone).resolve(try Self.local(local)) == .unique(instant))
    }

    /// The instants whose local time is `local`, found by trying every offset that the zone ever has.
    static func instants(of local: CivilDateTime, in zone: Zone, offsets: Set<Int>) -> [Instant] {
        offsets.map { Instant(seconds: local.secondsSinceEpoch - Int64($0)) }
            .filter { zone.local(at: $0) == local }.sorted()
    }

    @Test("around every change of every zone of the system, resolving agrees with trying every offset")
    func exhaustive() throws {
        var faults: [String] = []
        for name in try ZoneFiles.names() {
            let zone = try ZoneFiles.zone(name)
            var offsets: Set<Int> = [zone.offset(at: .earliest)]
            var changes: [Transition] = []
            var instant = Instant.earliest
            let end = try Instant(parsingRFC3339: "2040-01-01T00:00:00Z")
            while let change = zone.nextTransition(after: instant), change.instant < end {
                if change.instant <= instant || zone.span(containing: instant).end != change.instant {
                    faults.append(name)
                }
                offsets.insert(change.offsetAfter)
                changes.append(change)
                instant = change.instant
            }
            for change in changes {
                let edges = [change.offsetBefore, change.offsetAfter]
                for edge in edges {
                    for distance: Int64 in [-1, 0, 900] {
                        let local = CivilDateTime(
                            secondsSinceEpoch: change.instant.seconds + Int64(edge) + distance)
                        let found = Self.instants(of: local, in: zone, offsets: offsets)
                        let expected: LocalResolution? =
                            switch found.count {
                            case 0: nil
                            case 1: .unique(found[0])
                            default: .overlap(earlier: found[0], later: found[found.count - 1])
                            }
                        let resolution = zone.resolve(local)
                        if let expected {
                            if resolution != expected { faults.append("\(name) \(local)") }
                        } else if resolution != .gap(firstInstantAfter: change.instant, shift: change.shift) {
                            faults.append("\(name) \(local)")
                        }
                    }
                }
            }
        }
        #expect(faults == [])
    }

    @Test(
        "a zone repeats itself after 400 years",
        arguments: ["America/New_York", "Africa/Casablanca", "Asia/Gaza", "Antarctica/Troll"])
    func cycle(name: String) throws {
        let zone = try ZoneFiles.zone(name)
        let cycle: Int64 = 146_097 * 86_400
        var instant = try Instant(parsingRFC3339: "2100-01-01T00:00:00Z")
        for _ in 0..<810 {
            let later = Instant(seconds: instant.seconds + 20 * cycle)
            guard let change = zone.nextTransition(after: instant) else {
                #expect(zone.nextTransition(after: later) == nil)
                return
            }
            let repeated = try #require(zone.nextTransition(after: later))
            #expect(repeated.instant.seconds - change.instant.seconds == 20 * cycle)
            #expect(repeated.shift == change.shift)
            #expect(zone.previousTransition(atOrBefore: repeated.instant) == repeated)
            #expect(zone.abbreviation(at: repeated.instant) == zone.abbreviation(at: change.instant))
            instant = change.instant
        }
    }

    @Test("names are those of the time of the year")
    func abbreviations() throws {
        let paris = try ZoneFiles.zone("Europe/Paris")
        #expect(paris.abbreviation(at: try Instant(parsingRFC3339: "2026-07-01T00:00:00Z")) == "CEST")
        #expect(paris.abbreviation(at: try Instant(parsingRFC3339: "2026-12-01T00:00:00Z")) == "CET")
        #expect(paris.abbreviation(at: try Instant(parsingRFC3339: "1900-01-01T00:00:00Z")) == "PMT")
    }

    @Test("a fixed zone has one offset and the name of it")
    func fixed() {
        #expect(Zone.utc.name == "UTC")
        #expect(Zone.fixed(offset: 0).name == "UTC")
        #expect(Zone.fixed(offset: 10_800).name == "+03:00")
        #expect(Zone.fixed(offset: -12_600).offset(at: .latest) == -12_600)
        #expect(Zone.utc.isFixed)
        #expect(Zone.utc.nextTransition(after: .earliest) == nil)
        #expect(Zone.utc.previousTransition(atOrBefore: .latest) == nil)
    }

    @Test(
        "names that could leave a directory are none",
        arguments: [
            ("", .empty), ("/etc/passwd", .badSegment), ("a/../b", .badSegment), ("..", .badSegment),
            ("a//b", .badSegment),
            ("a/./b", .badSegment), ("a/", .badSegment), ("a b", .badCharacter(offset: 1)),
            ("Europe/Par\u{0}is", .badCharacter(offset: 10)), ("Zürich", .badCharacter(offset: 1)),
            (String(repeating: "a", count: 65), .tooLong),
        ] as [(String, ZoneName.Problem)])
    func badNames(name: String, problem: ZoneName.Problem) {
        #expect(throws: problem) { try ZoneName(name) }
        #expect(!problem.description.isEmpty && !problem.hint.isEmpty)
    }

    @Test(
        "names of the tz database are names",
        arguments: ["UTC", "Etc/GMT+12", "America/Argentina/San_Luis", "GMT-0"])
    func goodNames(name: String) throws {
        #expect(try ZoneName(name).text == name)
    }
}
