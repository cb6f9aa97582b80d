/// Methods of HTTP (RFC 9110, section 9).
enum HTTPMethod {
    /// The method of that name in upper case, or nil when it is none.
    static func named(_ text: String) -> String? {
        let isWord = text.utf8.allSatisfy {
            ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z")
        }
        return isWord && !text.isEmpty && text.utf8.count <= 16 ? text.uppercased() : nil
    }
}
