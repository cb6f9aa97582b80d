/// The name of a job: `[a-z0-9][a-z0-9._-]*`, at most 63 characters, unique over all schedule files.
package struct JobName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The longest name: the length of a DNS label, so that a name fits wherever people put it.
    package static let lengthMax = 63

    package let description: String

    /// The name spelt `text`, or nil when it is not one.
    package init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= Self.lengthMax, Self.isLetterOrDigit(first) else {
            return nil
        }
        guard
            bytes.allSatisfy({
                Self.isLetterOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
                    || $0 == UInt8(ascii: "-")
            })
        else { return nil }
        description = String(text)
    }

    package static func < (left: JobName, right: JobName) -> Bool {
        left.description < right.description
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
