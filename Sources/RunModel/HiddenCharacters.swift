extension Unicode.Scalar {
    /// Whether a reader does not see it, or sees what is beside it in another order: control characters but for the tabulator and
    /// the line feed, the controls of direction (Unicode Standard Annex 9), what has no width and joins nothing, and tags.
    package var isHidden: Bool {
        switch value {
        case 0x09, 0x0a: false
        case ..<0x20, 0x7f...0x9f: true
        case 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true
        case 0x00ad, 0x200b, 0x2028, 0x2029, 0x2060...0x2064, 0xfeff, 0xfff9...0xfffb: true
        case 0xe0000...0xe007f: true
        default: false
        }
    }

    /// As people write code points: `U+202E`.
    package var codePoint: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(4 - digits.count, 0)) + digits
    }
}
