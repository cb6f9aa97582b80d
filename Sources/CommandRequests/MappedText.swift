/// A UTF-8 text that knows for each byte where in the file it came from.
///
/// Values go through entities, quoting rules and placeholders before somebody finds a fault in them; the
/// place that is reported is still the one in the file.
package struct MappedText: Sendable, Equatable {
    /// The text.
    package private(set) var bytes: [UInt8] = []
    private var offsets: [Int32] = []
    /// Where the text ends, or, when it is empty, where it would be.
    private var end: Int32

    /// An empty text at a place in the file.
    package init(at offset: Int) {
        end = Int32(clamping: offset)
    }

    /// Whether it has no byte.
    package var isEmpty: Bool { bytes.isEmpty }
    /// How many bytes it has.
    package var count: Int { bytes.count }
    /// The text as a string.
    package var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Where in the file the byte at `index` came from; the end of the text for its count.
    package func offset(at index: Int) -> Int {
        Int(index < offsets.count ? offsets[index] : end)
    }

    /// Adds a byte that came from a place in the file.
    package mutating func append(_ byte: UInt8, from offset: Int) {
        bytes.append(byte)
        offsets.append(Int32(clamping: offset))
        end = Int32(clamping: offset + 1)
    }

    /// Adds a text with its places.
    package mutating func append(_ other: MappedText) {
        bytes += other.bytes
        offsets += other.offsets
        end = other.end
    }

    /// A part of the text with its places.
    package subscript(range: Range<Int>) -> MappedText {
        var part = MappedText(at: offset(at: range.upperBound))
        part.bytes = Array(bytes[range])
        part.offsets = Array(offsets[range])
        return part
    }

    /// A part of the text with its places.
    package subscript(range: PartialRangeFrom<Int>) -> MappedText { self[range.lowerBound..<count] }
    /// A part of the text with its places.
    package subscript(range: PartialRangeUpTo<Int>) -> MappedText { self[0..<range.upperBound] }

    /// The text without XML white space at its ends.
    package var trimmed: MappedText {
        let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }),
            let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return self[0..<0] }
        return self[first..<last + 1]
    }

    /// Whether a text stands at an index.
    package func starts(with prefix: String, at index: Int = 0) -> Bool {
        index <= count && bytes[index...].starts(with: prefix.utf8)
    }
}
