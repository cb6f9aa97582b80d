/// The text of a file, whatever its bytes are.
struct DecodedText: Sendable {
    /// UTF-8 without a byte order mark.
    var utf8: [UInt8]
    var encoding: TaskEncoding
    var hasByteOrderMark: Bool
}

/// What the bytes of a task file are.
package enum TaskEncoding: String, Sendable, CaseIterable {
    /// Bytes below 0x80 alone, which every label but those of wider encodings tells truly.
    case ascii = "ASCII"
    /// With or without its byte order mark.
    case utf8 = "UTF-8"
    /// With or without its byte order mark; what Task Scheduler exports.
    case utf16LittleEndian = "UTF-16LE"
    /// With or without its byte order mark.
    case utf16BigEndian = "UTF-16BE"
    /// Neither UTF-8 nor UTF-16, and no byte that the code page leaves undefined.
    case windows1252 = "windows-1252"

    /// Whether an XML declaration that says `label` is true of such bytes.
    func isLabelled(truly label: String) -> Bool {
        let label = label.lowercased()
        switch self {
        case .ascii:
            return !label.hasPrefix("utf-16") && !label.hasPrefix("utf-32") && !label.hasPrefix("ucs")
        case .utf8: return label == "utf-8" || label == "utf8"
        case .utf16LittleEndian: return label == "utf-16" || label == "utf-16le"
        case .utf16BigEndian: return label == "utf-16" || label == "utf-16be"
        case .windows1252: return label == "windows-1252" || label == "cp1252"
        }
    }
}

/// Why bytes are not text, and at which byte.
struct UndecodableText: Error, Equatable {
    var message: String
    var byteOffset: Int
}

/// From bytes to text. What the bytes are decides, never what the XML declaration says they are: 41 of 93
/// task files of public repositories declare UTF-16 over 8-bit text.
enum TextDecoding {
    static func decode(_ bytes: [UInt8]) throws(UndecodableText) -> DecodedText {
        if bytes.starts(with: [0xff, 0xfe, 0, 0]) || bytes.starts(with: [0, 0, 0xfe, 0xff]) {
            throw UndecodableText(
                message: "the file is UTF-32, which Task Scheduler does not read", byteOffset: 0)
        }
        if bytes.starts(with: [0xff, 0xfe]) {
            return DecodedText(
                utf8: try utf16(bytes[2...], isBigEndian: false), encoding: .utf16LittleEndian,
                hasByteOrderMark: true)
        }
        if bytes.starts(with: [0xfe, 0xff]) {
            return DecodedText(
                utf8: try utf16(bytes[2...], isBigEndian: true), encoding: .utf16BigEndian,
                hasByteOrderMark: true)
        }
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
            let rest = Array(bytes[3...])
            if let fault = firstInvalidUTF8(rest) {
                throw UndecodableText(
                    message: "the file begins with the UTF-8 byte order mark and is not UTF-8",
                    byteOffset: fault + 3)
            }
            return DecodedText(utf8: rest, encoding: .utf8, hasByteOrderMark: true)
        }
        return try decodeWithoutMark(bytes)
    }

    /// A task file begins with `<` or white space, so that a zero beside its first byte tells UTF-16.
    private static func decodeWithoutMark(_ bytes: [UInt8]) throws(UndecodableText) -> DecodedText {
        if bytes.count >= 2, bytes[0] != 0, bytes[1] == 0 {
            return DecodedText(
                utf8: try utf16(bytes[...], isBigEndian: false), encoding: .utf16LittleEndian,
                hasByteOrderMark: false)
        }
        if bytes.count >= 2, bytes[0] == 0, bytes[1] != 0 {
            return DecodedText(
                utf8: try utf16(bytes[...], isBigEndian: true), encoding: .utf16BigEndian,
                hasByteOrderMark: false)
        }
        if bytes.allSatisfy({ $0 < 0x80 }) {
            return DecodedText(utf8: bytes, encoding: .ascii, hasByteOrderMark: false)
        }
        if firstInvalidUTF8(bytes) == nil {
            return DecodedText(utf8: bytes, encoding: .utf8, hasByteOrderMark: false)
        }
        return DecodedText(utf8: try windows1252(bytes), encoding: .windows1252, hasByteOrderMark: false)
    }

    private static func utf16(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) throws(UndecodableText)
        -> [UInt8]
    {
        guard bytes.count.isMultiple(of: 2) else {
            throw UndecodableText(
                message: "the file is UTF-16 with an odd number of bytes: it is cut off",
                byteOffset: bytes.endIndex - 1)
        }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count / 2)
        var pending: UInt16?
        for index in stride(from: bytes.startIndex, to: bytes.endIndex, by: 2) {
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            let unit = isBigEndian ? first << 8 | second : second << 8 | first
            switch (unit, pending) {
            case (0xd800...0xdbff, nil):
                pending = unit
            case (0xdc00...0xdfff, let high?):
                append(0x10000 + (UInt32(high) - 0xd800) << 10 + (UInt32(unit) - 0xdc00), to: &text)
                pending = nil
            case (0xd800...0xdfff, _), (_, .some):
                throw UndecodableText(message: "half of a surrogate pair stands alone", byteOffset: index)
            default:
                append(UInt32(unit), to: &text)
            }
        }
        if pending != nil {
            throw UndecodableText(
                message: "half of a surrogate pair stands alone", byteOffset: bytes.endIndex - 2)
        }
        return text
    }

    /// The code page of western Windows; bytes that it leaves undefined are refused.
    private static func windows1252(_ bytes: [UInt8]) throws(UndecodableText) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 8)
        for (index, byte) in bytes.enumerated() {
            let scalar = (0x80...0x9f).contains(byte) ? windows1252Upper[Int(byte) - 0x80] : UInt32(byte)
            guard scalar != 0 || byte == 0 else {
                throw UndecodableText(
                    message: "the bytes are neither UTF-8, UTF-16 nor windows-1252", byteOffset: index)
            }
            append(scalar, to: &text)
        }
        return text
    }

    /// Bytes 0x80 to 0x9f of windows-1252 (the table of the WHATWG encoding standard); 0 where there is no
    /// character.
    private static let windows1252Upper: [UInt32] = [
        0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
        0x017d, 0,
        0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,
        0x017e,
        0x0178,
    ]

    private static func append(_ scalar: UInt32, to text: inout [UInt8]) {
        switch scalar {
        case 0..<0x80:
            text.append(UInt8(scalar))
        case 0x80..<0x800:
            text += [0xc0 | UInt8(scalar >> 6), 0x80 | UInt8(scalar & 0x3f)]
        case 0x800..<0x10000:
            text += [
                0xe0 | UInt8(scalar >> 12), 0x80 | UInt8(scalar >> 6 & 0x3f), 0x80 | UInt8(scalar & 0x3f),
            ]
        default:
            text += [
                0xf0 | UInt8(scalar >> 18), 0x80 | UInt8(scalar >> 12 & 0x3f),
                0x80 | UInt8(scalar >> 6 & 0x3f),
                0x80 | UInt8(scalar & 0x3f),
            ]
        }
    }

    /// The index of the first byte that does not belong to valid UTF-8, if there is one.
    private static func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var consumed = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): consumed += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return consumed
            }
        }
    }
}
