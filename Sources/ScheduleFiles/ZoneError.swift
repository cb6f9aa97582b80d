package import CivilTime
import Glibc

/// Why there is no zone of a name.
package struct ZoneError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package enum Reason: Error, Hashable, Sendable {
        /// The text cannot be a zone's name.
        case invalidName(ZoneName.Problem)
        /// There is no file of that name.
        case notFound
        /// There is a directory, or something else that is no file.
        case notAFile
        /// The file is larger than `ZoneDirectory.fileBytesMax`.
        case tooLarge
        /// The system refuses to open or read the file.
        case unreadable(errno: Int32)
        /// The file is no zone file, or not one that can be used.
        case malformed(TZifError)
    }

    /// The name that was asked for.
    package let name: String
    /// What is wrong.
    package let reason: Reason
    /// Names of zones that may have been meant, the likeliest first.
    package let suggestions: [String]

    package var description: String {
        let shown = name.prefix(ZoneName.lengthMax)
        return switch reason {
        case .invalidName(let problem): "\(shown) is not a time zone: \(problem)"
        case .notFound, .notAFile: "there is no time zone \(shown)"
        case .tooLarge:
            "the file of the time zone \(shown) is larger than \(ZoneDirectory.fileBytesMax) bytes"
        case .unreadable(let code):
            "the file of the time zone \(shown) cannot be read: \(unsafe String(cString: strerror(code)))"
        case .malformed(let error): "the file of the time zone \(shown) cannot be used: \(error)"
        }
    }

    /// What to do about it.
    package var hint: String {
        guard suggestions.isEmpty else { return "did you mean \(suggestions.joined(separator: " or "))?" }
        return switch reason {
        case .invalidName(let problem): problem.hint
        case .notFound, .notAFile:
            "write a name of the tz database, as UTC or Europe/Paris; is tzdata installed?"
        case .tooLarge: "reinstall the package tzdata"
        case .unreadable: "check the permissions below the zone directory"
        case .malformed(let error): error.hint
        }
    }
}
