import Glibc
package import Logging

/// Chooses where a process logs.
package enum LogHandlers {
    /// A handler for standard error: the journal itself when standard error leads there, else lines.
    ///
    /// `identifier` names the program in the journal; `timestamp` answers the time that a line begins with.
    package static func make(
        identifier: String, level: Logger.Level, timestamp: @escaping @Sendable () -> String
    ) -> any LogHandler {
        let isColoured =
            isatty(STDERR_FILENO) == 1 && (ProcessEnvironment.value("NO_COLOR") ?? "").isEmpty
        let lines = LineLogHandler(
            logLevel: level, descriptor: STDERR_FILENO, isColoured: isColoured, timestamp: timestamp)
        return isErrorJournal ? JournalLogHandler(identifier: identifier, fallback: lines) : lines
    }

    /// Whether standard error leads into the journal, which reads priorities before lines (sd-daemon(3)).
    package static var isErrorJournal: Bool {
        var status = stat()
        guard unsafe fstat(STDERR_FILENO, &status) == 0,
            let stream = ProcessEnvironment.value("JOURNAL_STREAM")
        else { return false }
        return isJournal(stream: stream, device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// Whether `JOURNAL_STREAM`, `device:inode` in decimal, is this file: if not, standard error was
    /// redirected since (systemd.exec(5)).
    static func isJournal(stream: String, device: UInt64, inode: UInt64) -> Bool {
        stream == "\(device):\(inode)"
    }
}
