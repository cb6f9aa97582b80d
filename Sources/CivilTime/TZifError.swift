/// Why bytes are not a zone file that can be used (RFC 9636).
package struct TZifError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package enum Reason: Hashable, Sendable {
        /// The file does not begin with `TZif`.
        case notAZoneFile
        /// The version is none of 1 to 4.
        case unknownVersion(UInt8)
        /// The file ends inside of what is named.
        case truncated(String)
        /// The file counts leap seconds, which the system's clock does not.
        case leapSeconds
        /// A count, an index or a value is outside what the format allows; what, in words.
        case invalid(String)
        /// There are more offset changes than any real zone has.
        case tooManyTransitions(Int)
        /// The rule for later years cannot be read; why, in words.
        case footer(String)
    }

    /// What is wrong.
    package let reason: Reason
    /// Where in the file, in bytes from its beginning.
    package let byteOffset: Int

    init(_ reason: Reason, at byteOffset: Int) {
        self.reason = reason
        self.byteOffset = byteOffset
    }

    /// What to do about it.
    package var hint: String {
        switch reason {
        case .notAZoneFile, .unknownVersion: "zone files are made by zic; Debian's package tzdata brings them"
        case .leapSeconds: "use the zone of the same name outside of right/"
        case .truncated, .invalid, .tooManyTransitions, .footer: "reinstall the package tzdata"
        }
    }

    package var description: String {
        let what =
            switch reason {
            case .notAZoneFile: "not a zone file"
            case .unknownVersion(let version): "zone file of unknown version (byte \(version))"
            case .truncated(let part): "the zone file ends inside of \(part)"
            case .leapSeconds: "the zone file counts leap seconds"
            case .invalid(let what): "damaged zone file: \(what)"
            case .tooManyTransitions(let count):
                "the zone file has \(count) offset changes, more than \(TZifDecoder.transitionsMax)"
            case .footer(let why): "the zone file's rule for later years cannot be read: \(why)"
            }
        return "\(what) (at byte \(byteOffset))"
    }
}
