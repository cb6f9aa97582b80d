/// Reads the TZif format, versions 1 to 4 (RFC 9636), trusting no byte of it.
///
/// Versions 2 and later hold everything twice; the 64-bit half is used. A version 1 file has no rule for
/// later years: its last offset holds for ever.
struct TZifDecoder {
    /// More than any zone of the world has: the largest files of tzdata have about 240, or 600 with later
    /// years written out.
    static let transitionsMax = 10_000

    private static let magic = Array("TZif".utf8)[...]

    private let bytes: [UInt8]
    private var position = 0

    private struct Header {
        var version: UInt8
        var utcIndicators: Int
        var standardIndicators: Int
        var leapSeconds: Int
        var transitions: Int
        var types: Int
        var designationBytes: Int

        func dataBytes(timeBytes: Int) -> Int {
            transitions * (timeBytes + 1) + types * 6 + designationBytes
                + leapSeconds * (timeBytes + 4) + standardIndicators + utcIndicators
        }
    }

    private struct LocalTimeType {
        var offset: Int32
        var abbreviation: String
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The table of a whole zone file.
    static func decode(_ bytes: [UInt8], name: String) throws(TZifError) -> ZoneTable {
        var decoder = TZifDecoder(bytes)
        return try decoder.file(name: name)
    }

    private mutating func file(name: String) throws(TZifError) -> ZoneTable {
        let first = try header()
        if first.version == 0 {
            return ZoneTable(name: name, explicit: try dataBlock(first, timeBytes: 4), rule: nil)
        }
        try skip(first.dataBytes(timeBytes: 4), "its 32-bit part")
        let second = try header()
        let explicit = try dataBlock(second, timeBytes: 8)
        return ZoneTable(name: name, explicit: explicit, rule: try footer())
    }

    private mutating func header() throws(TZifError) -> Header {
        let start = position
        if start > 0 || bytes.starts(with: Self.magic) { try skip(Self.magic.count, "its header") }
        guard bytes[start..<position] == Self.magic else {
            throw TZifError(.notAZoneFile, at: start)
        }
        let version = UInt8(truncatingIfNeeded: try integer(1, "its header"))
        guard version == 0 || (UInt8(ascii: "2")...UInt8(ascii: "4")).contains(version) else {
            throw TZifError(.unknownVersion(version), at: position - 1)
        }
        try skip(15, "its header")
        return Header(
            version: version, utcIndicators: try count(), standardIndicators: try count(),
            leapSeconds: try count(), transitions: try count(), types: try count(),
            designationBytes: try count())
    }

    /// One of the header's counts, whose order is that of `Header`'s fields.
    private mutating func count() throws(TZifError) -> Int {
        let count = try integer(4, "its header")
        guard count >= 0 else { throw TZifError(.invalid("a count beyond 31 bits"), at: position - 4) }
        return Int(count)
    }

    /// Checks the counts of the part that is used; the other one is only skipped.
    private func check(_ header: Header) throws(TZifError) {
        let counts = position - 24
        guard (1...256).contains(header.types) else {
            throw TZifError(
                .invalid("\(header.types) local time types; 1 to 256 are possible"), at: counts + 16)
        }
        guard header.designationBytes > 0 else {
            throw TZifError(.invalid("no zone abbreviations"), at: counts + 20)
        }
        guard header.utcIndicators == 0 || header.utcIndicators == header.types else {
            throw TZifError(
                .invalid("\(header.utcIndicators) indicators for \(header.types) types"), at: counts)
        }
        guard header.standardIndicators == 0 || header.standardIndicators == header.types else {
            throw TZifError(
                .invalid("\(header.standardIndicators) indicators for \(header.types) types"), at: counts + 4)
        }
        guard header.leapSeconds == 0 else { throw TZifError(.leapSeconds, at: counts + 8) }
        guard header.transitions <= Self.transitionsMax else {
            throw TZifError(.tooManyTransitions(header.transitions), at: counts + 12)
        }
    }

    private mutating func dataBlock(_ header: Header, timeBytes: Int) throws(TZifError) -> ExplicitChanges {
        try check(header)
        let size = header.dataBytes(timeBytes: timeBytes)
        guard bytes.count - position >= size else { throw TZifError(.truncated("its data"), at: bytes.count) }
        var times: [Int64] = []
        times.reserveCapacity(header.transitions)
        for _ in 0..<header.transitions {
            let time = try integer(timeBytes, "its transition times")
            if let last = times.last, time <= last {
                throw TZifError(.invalid("transition times that do not ascend"), at: position - timeBytes)
            }
            times.append(time)
        }
        let indices = position
        try skip(header.transitions, "its transition types")
        let types = try localTimeTypes(header)
        var explicit = ExplicitChanges(
            before: ZoneChange(
                start: Instant.earliest.seconds, offset: types[0].offset, abbreviation: types[0].abbreviation)
        )
        for (number, time) in times.enumerated() {
            let type = Int(bytes[indices + number])
            guard type < types.count else {
                throw TZifError(.invalid("type \(type) of \(types.count)"), at: indices + number)
            }
            explicit.changes.append(
                ZoneChange(start: time, offset: types[type].offset, abbreviation: types[type].abbreviation))
        }
        try skip(header.standardIndicators + header.utcIndicators, "its indicators")
        return explicit
    }

    private mutating func localTimeTypes(_ header: Header) throws(TZifError) -> [LocalTimeType] {
        let designations = position + header.types * 6
        let designationsEnd = designations + header.designationBytes
        var types: [LocalTimeType] = []
        for _ in 0..<header.types {
            let start = position
            let offset = try integer(4, "its local time types")
            guard PosixTimeZone.offsets.contains(Int(offset)) else {
                throw TZifError(.invalid("an offset of \(offset) seconds from UTC"), at: start)
            }
            guard try integer(1, "its local time types") & ~1 == 0 else {
                throw TZifError(.invalid("a daylight saving mark that is not 0 or 1"), at: start + 4)
            }
            let index = designations + Int(try integer(1, "its local time types") & 0xff)
            guard index < designationsEnd, let end = bytes[index..<designationsEnd].firstIndex(of: 0) else {
                throw TZifError(.invalid("an abbreviation outside of the list"), at: start + 5)
            }
            guard bytes[index..<end].allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
                throw TZifError(.invalid("an abbreviation that cannot be printed"), at: index)
            }
            types.append(
                LocalTimeType(
                    offset: Int32(offset), abbreviation: String(decoding: bytes[index..<end], as: UTF8.self)))
        }
        try skip(header.designationBytes, "its abbreviations")
        return types
    }

    /// The rule for later years; nil when the file has none.
    private mutating func footer() throws(TZifError) -> PosixTimeZone? {
        let newline = UInt8(ascii: "\n")
        guard position < bytes.count else { throw TZifError(.truncated("its footer"), at: position) }
        guard bytes[position] == newline else { throw TZifError(.footer("no line begins"), at: position) }
        let start = position + 1
        guard let end = bytes[start...].firstIndex(of: newline) else {
            throw TZifError(.truncated("its footer"), at: bytes.count)
        }
        return start == end ? nil : try PosixTimeZone(parsing: bytes[start..<end])
    }

    /// A signed number, most significant byte first.
    private mutating func integer(_ size: Int, _ part: String) throws(TZifError) -> Int64 {
        let start = position
        try skip(size, part)
        var value: UInt64 = 0
        var index = start
        while index < position {
            value = value << 8 | UInt64(bytes[index])
            index += 1
        }
        let unusedBits = UInt64(64 - 8 * size)
        return Int64(bitPattern: value << unusedBits) >> Int64(unusedBits)
    }

    private mutating func skip(_ count: Int, _ part: String) throws(TZifError) {
        guard bytes.count - position >= count else { throw TZifError(.truncated(part), at: bytes.count) }
        position += count
    }
}
