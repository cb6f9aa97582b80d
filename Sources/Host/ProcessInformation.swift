import CLinux
import Glibc

/// Facts about this process and its machine.
package enum ProcessInformation {
    /// The environment, decoded as UTF-8.
    package static func environment() -> [String: String] {
        var result: [String: String] = [:]
        var next = unsafe CLinux_environment()
        while let entry = unsafe next?.pointee {
            let text = unsafe String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                result[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            unsafe next = next?.advanced(by: 1)
        }
        return result
    }

    /// Sets a variable of this process, as libraries see it.
    package static func set(_ name: String, _ value: String) {
        unsafe setenv(name, value, 1)
    }

    /// Tells a process to read its files again (SIGHUP); false when it is not there, or another user's.
    package static func hangUp(_ process: Int32) -> Bool { kill(process, SIGHUP) == 0 }

    /// How this process was called, its name first.
    package static var arguments: [String] { CommandLine.arguments }

    /// The machine's name, up to the first dot.
    package static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let length = buffer.count - 1
        guard unsafe gethostname(&buffer, length) == 0 else { return "localhost" }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return String(name.prefix { $0 != "." })
    }

    /// The number of this process.
    package static var processID: Int32 { getpid() }

    /// Whether the file descriptor is a terminal.
    package static func isTerminal(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1
    }

    /// How many columns the terminal has; nil when it does not say.
    package static func terminalWidth(_ descriptor: Int32) -> Int? {
        let columns = CLinux_terminalColumns(descriptor)
        return columns > 0 ? Int(columns) : nil
    }

    /// Who runs this process: `$SUDO_USER`, else the user's name, else its number.
    package static func user() -> String {
        let environment = environment()
        if let user = environment["SUDO_USER"], !user.isEmpty { return user }
        return userName()
    }

    /// The name of the user that this process acts as, else its number.
    package static func userName() -> String { userName(of: getuid()) }

    /// The name of a user, else their number.
    package static func userName(of user: UInt32) -> String {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var room = [CChar](repeating: 0, count: 16 * 1024)
        // Several may ask at once.
        let isThere = unsafe getpwuid_r(user, &entry, &room, room.count, &found) == 0 && found != nil
        guard isThere, let name = unsafe entry.pw_name else { return "uid \(user)" }
        return unsafe String(cString: name)
    }

    /// Forgets what would have libraries write the keys of TLS connections to a file (SSLKEYLOGFILE of libcurl and OpenSSL).
    ///
    /// Before any other thread runs: the environment is not theirs to read meanwhile.
    package static func forgetKeyLog() {
        unsafe unsetenv("SSLKEYLOGFILE")
    }

    /// Keeps what this process knows from others of its user: it is not traced, its memory and environment are not read,
    /// and no core of it is dumped (PR_SET_DUMPABLE of prctl(2)). It may still read what /proc/self says of it, but for
    /// its own environment.
    ///
    /// Taking the rights of another user sets it back.
    package static func closeToOthers() {
        _ = CLinux_closeToOthers()
    }

    /// Whether `closeToOthers` is in force.
    static var isClosedToOthers: Bool { CLinux_isClosedToOthers() != 0 }

    /// Ends this process with an exit status.
    package static func exit(_ status: Int32) -> Never {
        Glibc.exit(status)
    }
}
