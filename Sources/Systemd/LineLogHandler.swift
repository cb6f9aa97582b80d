package import Logging

/// Writes each log event as one line: `2026-03-29T01:00:00Z info  run finished  job=purge outcome=succeeded`.
package struct LineLogHandler: LogHandler {
    /// The lowest level that is logged.
    package var logLevel: Logger.Level
    /// The handler's own fields, which an event's own replace.
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let output: LogOutput
    private let isColoured: Bool
    private let timestamp: @Sendable () -> String

    /// A handler that writes to the open file `descriptor`, each line begun by what `timestamp` answers.
    package init(
        logLevel: Logger.Level, descriptor: Int32, isColoured: Bool,
        timestamp: @escaping @Sendable () -> String
    ) {
        self.logLevel = logLevel
        output = LogOutput(descriptor: descriptor)
        self.isColoured = isColoured
        self.timestamp = timestamp
    }

    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let fields = LogFields(of: event, handler: metadata, provider: metadataProvider)
        let line = Self.line(
            time: timestamp(), level: event.level, message: event.message.description, fields: fields,
            isColoured: isColoured)
        output.write(line)
    }

    /// The line without its end: two spaces between its parts, the fields in logfmt.
    static func line(
        time: String, level: Logger.Level, message: String, fields: LogFields, isColoured: Bool
    ) -> String {
        let level = isColoured ? colour(of: level) + level.rawValue + "\u{1b}[0m" : level.rawValue
        let start = "\(time) \(level)  \(escaped(message))"
        guard !fields.pairs.isEmpty else { return start }
        return start + "  " + fields.pairs.map { "\(key($0.key))=\(value($0.value))" }.joined(separator: " ")
    }

    private static func colour(of level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "\u{1b}[2m"
        case .info, .notice: "\u{1b}[32m"
        case .warning: "\u{1b}[33m"
        case .error, .critical: "\u{1b}[31m"
        }
    }

    private static func key(_ text: String) -> String {
        String(text.map { $0 == " " || $0 == "=" || $0 == "\"" || !$0.isASCII ? "_" : $0 })
    }

    private static func value(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                scalar != " " && scalar != "=" && scalar != "\"" && scalar != "\\"
                    && !scalar.isControlOrLineEnd
            }
        return isPlain ? text : "\"" + escaped(text, quotes: true) + "\""
    }

    /// `text` with nothing in it that ends a line or moves a terminal's cursor.
    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\r": result.append(contentsOf: "\\r".unicodeScalars)
            case "\t": result.append(contentsOf: "\\t".unicodeScalars)
            case "\"" where quotes, "\\" where quotes: result.append(contentsOf: ["\\", scalar])
            case _ where scalar.isControlOrLineEnd:
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
