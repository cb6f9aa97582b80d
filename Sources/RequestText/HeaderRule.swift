/// What header lines may hold (RFC 9110, section 5).
package enum HeaderRule {
    /// Headers that Almanac sets itself, or that HTTP decides, in lower case: a job cannot set them.
    package static let reserved: Set<String> = [
        "idempotency-key", "traceparent", "x-job-scheduled-for", "host", "content-length",
        "transfer-encoding", "connection",
    ]

    /// Whether `name` is a token (RFC 9110, section 5.6.2).
    package static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                let character = Character(Unicode.Scalar(byte))
                return byte < 0x80
                    && (character.isLetter || character.isNumber || "!#$%&'*+-.^_`|~".contains(character))
            }
    }

    /// Whether `value` has no line break or other control character.
    package static func isValue(_ value: some StringProtocol) -> Bool {
        value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
    }
}
