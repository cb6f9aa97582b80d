import CivilTime

/// A place in a list, as whoever pages through it holds it: opaque, and of one list with its filters alone.
enum Cursor {
    /// The text of a place in the list of `query`, from what tells where the next page begins.
    static func text(_ place: String, of query: String) -> String {
        var hash = StableHash()
        hash.combine(query)
        return encoded("\(hash.hexadecimal.prefix(8)) \(place)")
    }

    /// The place that a text stands for; nil when it is none, or one of another list.
    static func place(_ text: String, of query: String) -> String? {
        guard let decoded = decoded(text) else { return nil }
        let place = decoded.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).last.map(
            String.init)
        return place.flatMap { self.text($0, of: query) == text ? $0 : nil }
    }

    // Base64 for URLs without padding (RFC 4648, section 5).
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func encoded(_ text: String) -> String {
        var (bits, count, result) = (0, 0, [UInt8]())
        for byte in text.utf8 {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 6 {
                count -= 6
                result.append(digits[bits >> count & 63])
            }
            bits &= 63
        }
        if count > 0 { result.append(digits[bits << (6 - count) & 63]) }
        return String(decoding: result, as: UTF8.self)
    }

    private static func decoded(_ text: String) -> String? {
        guard text.utf8.count <= 200 else { return nil }
        var (bits, count, result) = (0, 0, [UInt8]())
        for byte in text.utf8 {
            guard let digit = digits.firstIndex(of: byte) else { return nil }
            bits = bits << 6 | digit
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> count))
            }
            bits &= 255
        }
        return String(validating: result, as: UTF8.self)
    }
}
