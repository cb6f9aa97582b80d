import CLibsystemd
import Glibc
package import Logging

/// Sends each log event to the journal with its fields; what the journal does not take is written as a line
/// instead.
package struct JournalLogHandler: LogHandler {
    /// The handler's own fields, which an event's own replace.
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let identifier: String
    private var fallback: LineLogHandler

    /// A handler whose entries have `identifier` as their `SYSLOG_IDENTIFIER`.
    package init(identifier: String, fallback: LineLogHandler) {
        self.identifier = identifier
        self.fallback = fallback
    }

    package var logLevel: Logger.Level {
        get { fallback.logLevel }
        set { fallback.logLevel = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let fields = LogFields(of: event, handler: metadata, provider: metadataProvider)
        let entry = JournalEntry(of: event, metadata: fields, identifier: identifier)
        guard send(entry) < 0 else { return }
        var line = fallback
        line.metadata = metadata
        line.metadataProvider = metadataProvider
        line.log(event: event)
    }

    private func send(_ entry: JournalEntry) -> Int32 {
        var (bytes, ends) = entry.encoded
        return unsafe bytes.withUnsafeMutableBytes { buffer in
            var start = 0
            let parts = unsafe ends.map { end in
                defer { start = end }
                let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start..<end])
                return unsafe iovec(iov_base: part.baseAddress, iov_len: part.count)
            }
            return unsafe sd_journal_sendv(parts, Int32(parts.count))
        }
    }
}
