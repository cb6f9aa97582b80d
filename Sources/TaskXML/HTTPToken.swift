/// Names and methods of HTTP (RFC 9110, section 5.6.2).
enum HTTPToken {
    /// Whether the text is a token: letters, digits and a few marks.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 256
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// The method of that name in upper case, or nil when it is none.
    static func method(_ text: String) -> String? {
        let isWord = text.utf8.allSatisfy {
            ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z")
        }
        return isWord && !text.isEmpty && text.utf8.count <= 16 ? text.uppercased() : nil
    }
}
