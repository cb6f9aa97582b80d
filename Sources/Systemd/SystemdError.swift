import Glibc

/// What the service manager, or the operator in its place, handed over and cannot be used.
package struct SystemdError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Why it cannot be used.
    package enum Reason: Equatable, Sendable {
        /// The name of a credential is empty, `.` or `..`, or holds a character other than letters, digits,
        /// `.`, `_` and `-`.
        case invalidName
        /// The system refused: the error number (errno(3)).
        case system(errno: Int32)
        /// A unit is masked, so that its settings are not known.
        case masked
        /// It is a directory, a pipe or a device.
        case notRegularFile
        /// It is longer than this many bytes.
        case tooLong(bytesMax: Int)
        /// It holds nothing but a line end.
        case empty
        /// It is not UTF-8 text, or holds a zero byte.
        case notText
        /// A passed descriptor is not a listening stream socket.
        case notListeningSocket
        /// More sockets were passed than are listened on.
        case tooManySockets(count: Int)
    }

    /// The file, the credential or the socket, by name; never its content.
    package let subject: String
    /// Why it cannot be used.
    package let reason: Reason

    /// The reason why `subject` cannot be used.
    package init(subject: String, reason: Reason) {
        self.subject = subject
        self.reason = reason
    }

    /// What and why, in one sentence without a full stop.
    package var description: String {
        switch reason {
        case .invalidName: "“\(subject)” is not the name of a credential"
        case .system(let errno): "\(subject) cannot be read: \(Self.text(ofErrno: errno))"
        case .masked: "\(subject) is masked, so that its settings cannot be read"
        case .notRegularFile: "\(subject) is not a regular file"
        case .tooLong(let bytesMax): "\(subject) is longer than \(bytesMax) bytes"
        case .empty: "\(subject) is empty"
        case .notText: "\(subject) is not UTF-8 text"
        case .notListeningSocket: "\(subject) is not a listening stream socket"
        case .tooManySockets(let count):
            "\(count) sockets were passed (\(subject)), but at most \(Limits.socketsMax) are listened on"
        }
    }

    /// What to do about it.
    package var hint: String {
        switch reason {
        case .invalidName: "use letters, digits, “.”, “_” and “-”"
        case .system(errno: EACCES), .system(errno: EPERM):
            "let the service's user, and nobody else, read it: chown almanac \(subject) && chmod 0400 \(subject)"
        case .masked: "unmask it, which starts nothing: systemctl unmask \(subject)"
        case .system: "check the path and that the file is there"
        case .notRegularFile, .tooLong, .notText: "name a file that holds the secret and nothing else"
        case .empty: "write the secret into it, or leave the setting away"
        case .notListeningSocket: "use ListenStream= and Accept=no in the .socket unit"
        case .tooManySockets: "leave at most \(Limits.socketsMax) ListenStream= lines in the .socket unit"
        }
    }

    /// The system's text for an error number.
    static func text(ofErrno number: Int32) -> String {
        unsafe String(cString: strerror(number))
    }
}
