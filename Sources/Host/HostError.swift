import Glibc

/// What this machine refused to do.
package struct HostError: Error, Sendable, Equatable {
    /// What was refused and the system's reason, without a full stop.
    package var message: String
    /// What to do about it; nil when nothing in particular helps.
    package var hint: String?

    /// An error whose `message` already holds the system's reason.
    package init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    init(_ message: String, errno code: Int32, hint: String? = nil) {
        self.init("\(message): \(unsafe String(cString: strerror(code)))", hint: hint)
    }
}
