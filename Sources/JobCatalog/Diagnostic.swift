/// A place in a file, as editors count it.
package struct SourceLocation: Sendable, Hashable {
    /// The file as it was named by whoever asked for it.
    package var file: String
    /// 1 for the first line.
    package var line: Int
    /// 1 for the first column: UTF-8 code units in a schedule file, Unicode scalars in a task file.
    package var column: Int

    package init(file: String, line: Int, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }
}

/// Something found in a file that a person should know: where, what, and what to do about it.
package struct Diagnostic: Sendable, Hashable {
    /// How bad it is, from the least to the worst; only `error` keeps something from being loaded.
    package enum Severity: String, Sendable, Comparable {
        /// Worth knowing.
        case note
        /// The file was not what it should be, and was read all the same.
        case repair
        /// Probably a mistake; the job is loaded.
        case warning
        /// The job, or the file, is not loaded.
        case error

        package static func < (left: Severity, right: Severity) -> Bool {
            left.rank < right.rank
        }

        private var rank: Int {
            switch self {
            case .note: 0
            case .repair: 1
            case .warning: 2
            case .error: 3
            }
        }
    }

    /// Whether what was found stands in the way of loading.
    package var severity: Severity
    /// Where the mark begins.
    package var location: SourceLocation
    /// How many columns the mark under the line covers, 1 or more.
    package var width: Int
    /// A stable word for programs, such as `unknown-option`.
    package var code: String
    /// What was found, without a full stop, a file or a place.
    package var message: String
    /// Facts that make the message clear, each in a line of its own; mostly none.
    package var details: [String]
    /// What to do about it, without a full stop; nil when nothing helps more than the message.
    package var hint: String?
    /// The line of the file, for showing the place; nil when there is none to show.
    package var sourceLine: String?

    /// A diagnostic; a `width` below 1 becomes 1.
    package init(
        _ severity: Severity, at location: SourceLocation, width: Int = 1, code: String, _ message: String,
        details: [String] = [], hint: String? = nil, sourceLine: String? = nil
    ) {
        self.severity = severity
        self.location = location
        self.width = max(width, 1)
        self.code = code
        self.message = message
        self.details = details
        self.hint = hint
        self.sourceLine = sourceLine
    }

    /// The place as compilers print it, `file:line:column`.
    package var place: String { "\(location.file):\(location.line):\(location.column)" }

    /// What the mark covers, counted from 0.
    package var columns: Range<Int> { location.column - 1..<location.column - 1 + width }

    /// The message without the words of the file, among which a secret may stand in a wrong place: for the log and for
    /// health, which more people read than the file.
    package var withoutQuotations: String {
        var text = ""
        var isQuotation = false
        for character in message {
            if character == "”" { isQuotation = false }
            if !isQuotation { text.append(character) }
            if character == "“" {
                isQuotation = true
                text.append("…")
            }
        }
        return text
    }

    /// The diagnostic as compilers print it: `file:line:column: error: …`, the line, a caret, the hint.
    package var rendered: String {
        var text = "\(location.file):\(location.line):\(location.column): \(severity.rawValue): \(message)"
        if let sourceLine {
            let line = Self.shown(sourceLine)
            let before = Self.shown(
                String(decoding: sourceLine.utf8.prefix(location.column - 1), as: UTF8.self)
            ).count
            let marked = Self.shown(
                String(decoding: sourceLine.utf8.dropFirst(location.column - 1).prefix(width), as: UTF8.self)
            ).count
            let mark = "^" + String(repeating: "~", count: max(marked, 1) - 1)
            text += "\n  \(line)\n  \(String(repeating: " ", count: before))\(mark)"
        }
        for detail in details { text += "\n  \(detail)" }
        if let hint { text += "\nhint: \(hint)" }
        return text
    }

    /// A line with tabs as one blank and unprintable characters as `?`, so that the mark stands under its place.
    private static func shown(_ line: String) -> String {
        String(
            line.unicodeScalars.map { scalar -> Character in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator:
                    return scalar == "\t" ? " " : "?"
                default:
                    return Character(scalar)
                }
            })
    }
}
