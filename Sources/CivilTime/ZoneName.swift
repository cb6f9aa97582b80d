/// A name of a time zone that is safe to use as a path below the zone directory, as
/// `America/Argentina/San_Luis`.
///
/// It is segments of letters, digits and `.`, `_`, `+`, `-` between slashes; none is empty, `.` or `..`.
package struct ZoneName: Hashable, Sendable, CustomStringConvertible {
    /// Why a text is not a zone name.
    package enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// There is nothing.
        case empty
        /// It is longer than `ZoneName.lengthMax`.
        case tooLong
        /// A character that no zone name has, and where, in UTF-8 bytes.
        case badCharacter(offset: Int)
        /// It begins or ends with a slash, has two in a row, or a `.` or `..` between them.
        case badSegment

        package var description: String {
            switch self {
            case .empty: "the zone name is empty"
            case .tooLong: "the zone name is longer than \(ZoneName.lengthMax) characters"
            case .badCharacter(let offset):
                "the zone name has a character that none has, at its byte \(offset)"
            case .badSegment: "the zone name is a path that leaves the zone directory or has an empty part"
            }
        }

        /// What to write instead.
        package var hint: String { "write a name of the tz database, as UTC or Europe/Paris" }
    }

    /// The longest name of the tz database has 32 characters; this leaves room.
    package static let lengthMax = 64

    /// The name.
    package let text: String

    /// The name that `text` is, or why it is none; whether there is such a zone is not looked at.
    package init(_ text: String) throws(Problem) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.lengthMax else { throw .tooLong }
        for (offset, byte) in text.utf8.enumerated() where !Self.isAllowed(byte) {
            throw .badCharacter(offset: offset)
        }
        for segment in text.split(separator: "/", omittingEmptySubsequences: false) {
            guard !segment.isEmpty, segment != ".", segment != ".." else { throw .badSegment }
        }
        self.text = text
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"):
            true
        default: byte.decimalDigit != nil
        }
    }

    package var description: String { text }
}
