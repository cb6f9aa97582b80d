import CivilTime

/// Zones made from their rules, so that a world needs no files, with a change each to be lived through.
enum SimulatedZone: String, CaseIterable {
    case utc = "UTC"
    /// Midnight does not exist on the last Sunday of March, and comes twice on that of October.
    case beirut = "Asia/Beirut"
    /// 02:30 does not exist on the second Sunday of March; 01:30 comes twice on the first of November.
    case newYork = "America/New_York"
    /// The clock moves by half an hour, on the first Sundays of October and April.
    case lordHowe = "Australia/Lord_Howe"

    /// The rule as the tz database has it since 2007.
    private var rule: String {
        switch self {
        case .utc: "UTC0"
        case .beirut: "EET-2EEST,M3.5.0/0,M10.5.0/0"
        case .newYork: "EST5EDT,M3.2.0,M11.1.0"
        case .lordHowe: "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"
        }
    }

    /// Hours of 2026, in UTC, that each begin the day before a change of the clocks.
    var evesOfChanges: [String] {
        switch self {
        case .utc: []
        case .beirut: ["2026-03-28T18:00:00Z", "2026-10-24T17:00:00Z"]
        case .newYork: ["2026-03-08T03:00:00Z", "2026-11-01T02:00:00Z"]
        case .lordHowe: ["2026-04-04T11:00:00Z", "2026-10-03T11:00:00Z"]
        }
    }

    var zone: Zone { Self.zones[rawValue] ?? .utc }

    private static let zones: [String: Zone] = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0.rawValue, make($0)) })

    private static func make(_ zone: SimulatedZone) -> Zone {
        guard zone != .utc else { return .utc }
        do {
            return try Zone(name: zone.rawValue, tzif: tzif(rule: zone.rule))
        } catch {
            preconditionFailure("the rule of \(zone.rawValue) is wrong: \(error)")
        }
    }

    /// A zone file (RFC 9636) with no explicit change: one local time type, and the rule as its footer.
    private static func tzif(rule: String) -> [UInt8] {
        let name = Array("LMT\0".utf8)
        let header = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
        let counts: [UInt8] = [0, 0, 0, 0, 1, UInt8(name.count)].flatMap { [0, 0, 0, $0] }
        let localTimeType: [UInt8] = [0, 0, 0, 0, 0, 0]
        let block = header + counts + localTimeType + name
        return block + block + Array("\n\(rule)\n".utf8)
    }
}
