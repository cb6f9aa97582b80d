/// A UTF-8 text that knows for each byte where in the file it came from.
///
/// Values go through entities, quoting rules and placeholders before somebody finds a fault in them; the
/// place that is reported is still the one in the file.
struct MappedText: Sendable, Equatable {
    private(set) var bytes: [UInt8] = []
    private var offsets: [Int32] = []
    /// Where the text ends, or, when it is empty, where it would be.
    private var end: Int32

    init(at offset: Int) {
        end = Int32(clamping: offset)
    }

    var isEmpty: Bool { bytes.isEmpty }
    var count: Int { bytes.count }
    var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Where in the file the byte at `index` came from; the end of the text for its count.
    func offset(at index: Int) -> Int {
        Int(index < offsets.count ? offsets[index] : end)
    }

    mutating func append(_ byte: UInt8, from offset: Int) {
        bytes.append(byte)
        offsets.append(Int32(clamping: offset))
        end = Int32(clamping: offset + 1)
    }

    mutating func append(_ other: MappedText) {
        bytes += other.bytes
        offsets += other.offsets
        end = other.end
    }

    subscript(range: Range<Int>) -> MappedText {
        var part = MappedText(at: offset(at: range.upperBound))
        part.bytes = Array(bytes[range])
        part.offsets = Array(offsets[range])
        return part
    }

    subscript(range: PartialRangeFrom<Int>) -> MappedText { self[range.lowerBound..<count] }
    subscript(range: PartialRangeUpTo<Int>) -> MappedText { self[0..<range.upperBound] }

    /// The text without XML white space at its ends.
    var trimmed: MappedText {
        let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }),
            let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return self[0..<0] }
        return self[first..<last + 1]
    }

    func starts(with prefix: String, at index: Int = 0) -> Bool {
        index <= count && bytes[index...].starts(with: prefix.utf8)
    }
}
