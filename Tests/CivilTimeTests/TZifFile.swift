/// A small writer of zone files for the tests: what is written is decided here, right or wrong.
struct TZifFile {
    struct LocalType {
        var offset: Int32
        var isDaylight: UInt8 = 0
        var abbreviation: UInt8 = 0
    }

    /// `0`, `2`, `3` or `4`; anything else is a fault.
    var version: Character = "2"
    var types: [LocalType] = [LocalType(offset: 0)]
    var transitions: [(time: Int64, type: UInt8)] = []
    var abbreviations = "STD\0"
    var footer = ""
    var leapSeconds = 0
    var indicators = 0

    var bytes: [UInt8] {
        if version == "0" { return block(timeBytes: 4) }
        return block(timeBytes: 4) + block(timeBytes: 8) + Array("\n\(footer)\n".utf8)
    }

    private func block(timeBytes: Int) -> [UInt8] {
        var bytes = Array("TZif".utf8) + [version == "0" ? 0 : version.asciiValue ?? 0]
        bytes += [UInt8](repeating: 0, count: 15)
        let counts = [
            indicators, indicators, leapSeconds, transitions.count, types.count, abbreviations.utf8.count,
        ]
        for count in counts { bytes += Self.number(Int64(count), 4) }
        for transition in transitions { bytes += Self.number(transition.time, timeBytes) }
        bytes += transitions.map(\.type)
        for type in types {
            bytes += Self.number(Int64(type.offset), 4) + [type.isDaylight, type.abbreviation]
        }
        bytes += Array(abbreviations.utf8)
        bytes += [UInt8](repeating: 0, count: leapSeconds * (timeBytes + 4) + 2 * indicators)
        return bytes
    }

    private static func number(_ number: Int64, _ size: Int) -> [UInt8] {
        (0..<size).reversed().map { UInt8(truncatingIfNeeded: number >> Int64($0 * 8)) }
    }
}
