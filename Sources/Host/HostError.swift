import Glibc

/// What this machine refused to do.
package struct HostError: Error, Sendable, Equatable {
    package var message: String
    package var hint: String?

    package init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    init(_ message: String, errno code: Int32, hint: String? = nil) {
        self.init("\(message): \(unsafe String(cString: strerror(code)))", hint: hint)
    }
}
