package import Logging
import Synchronization

/// A log that keeps its lines: level, message and sorted metadata.
package final class RecordedLog: Sendable {
    private let kept = Mutex<[String]>([])

    /// What was logged so far.
    package var lines: [String] { kept.withLock { $0 } }

    /// A log without a line.
    package init() {}

    /// A logger that writes here.
    package var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            log.kept.withLock { $0.append("\(event.level) \(event.message)" + fields.joined()) }
        }
    }
}
