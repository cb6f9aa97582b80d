import Glibc

/// The credentials that the service manager passes (systemd.exec(5), “Credentials”).
package struct Credentials: Sendable {
    private let directory: String

    /// The credentials in `directory`.
    package init(directory: String) {
        self.directory = directory
    }

    /// The credentials in `$CREDENTIALS_DIRECTORY`, or nil when none were passed.
    package static func ofProcess() -> Credentials? {
        guard let directory = ProcessEnvironment.value("CREDENTIALS_DIRECTORY"), !directory.isEmpty else {
            return nil
        }
        return Credentials(directory: directory)
    }

    /// The text of the credential `name` without its last line end, or nil when there is none or it is empty.
    ///
    /// An empty one counts as none: `SetCredential=name:\n` is how a unit makes a credential optional. Who
    /// may read the file is not looked at: since systemd 254 it belongs to root and an access list lets the
    /// service in.
    package func read(_ name: String) throws(SystemdError) -> String? {
        guard Self.isValid(name) else { throw SystemdError(subject: name, reason: .invalidName) }
        let folder = unsafe open(directory, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        guard folder >= 0 else { throw SystemdError(subject: directory, reason: .system(errno: errno)) }
        defer { close(folder) }
        do {
            let text = try SecretFile.text(
                path: name, directory: folder, flags: O_NOFOLLOW, subject: "\(directory)/\(name)")
            return text.isEmpty ? nil : text
        } catch {
            if error.reason == .system(errno: ENOENT) { return nil }
            throw error
        }
    }

    /// A file name of our own alphabet: no separator, and neither `.` nor `..`.
    private static func isValid(_ name: String) -> Bool {
        guard !name.isEmpty, name != ".", name != ".." else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
