import ArgumentParser
import Host
import Operations
import RunModel
import Systemd

/// Where a command writes, and how it ends.
enum Console {
    /// Writes a text for people and a line end to the standard output.
    static func write(_ text: String) {
        put(PrintableText.of(text))
    }

    /// Writes tables, as they made their text, to the standard output.
    static func write(tables text: String) {
        put(PrintableText.spelled(text))
    }

    /// Writes a table to the standard output.
    static func write(_ table: Table, colour: Bool, width: Int? = nil) {
        write(tables: table.text(colour: colour, width: width))
    }

    /// The text in lines that the terminal of the standard output does not break.
    static func folded(_ text: String) -> String {
        Table.folded(text, ProcessInformation.isTerminal(1) ? ProcessInformation.terminalWidth(1) ?? 80 : nil)
    }

    /// Writes a document, pretty, to the standard output.
    static func write(_ document: JSONValue) {
        put(document.pretty)
    }

    private static func put(_ text: String) {
        guard !StandardStream.output.write(text + "\n") else { return }
        error("error: the output cannot be written\nhint: is the disk full?")
        ProcessInformation.exit(ExitStatus.failed.rawValue)
    }

    /// Writes a text for people and a line end to the standard error.
    static func error(_ text: String) {
        if LogHandlers.isErrorJournal { return journal(text) }
        var lines = PrintableText.of(text).split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init)
        if ProcessInformation.isTerminal(2) {
            let width = ProcessInformation.terminalWidth(2) ?? 80
            // Other lines show a place in a file, and stay as they are.
            lines = lines.map { line in
                sentences.contains { line.hasPrefix($0) }
                    ? Table.wrapped(line, width).joined(separator: "\n") : line
            }
        }
        StandardStream.error.write(lines.joined(separator: "\n") + "\n")
    }

    /// Writes what somebody should see with its priority (sd-daemon(3)): an entry a line.
    private static func journal(_ text: String) {
        let level = text.hasPrefix("warning: ") || text.contains(": warning: ") ? "<4>" : "<3>"
        let lines = PrintableText.of(text).split(separator: "\n").map { level + $0 }
        StandardStream.error.write(lines.joined(separator: "\n") + "\n")
    }

    /// How the lines begin that are sentences.
    private static let sentences = ["error: ", "hint: ", "warning: ", "no store was asked: "]

    /// Where a session reports problems of files and of the configuration.
    static let errors: @Sendable (String) -> Void = { error($0) }

    /// Runs a command's body and ends the program with its status; an error is printed with its hint.
    static func exiting(_ body: () async throws -> ExitStatus) async throws {
        do {
            let status = try await body()
            if status != .done { throw ArgumentParser.ExitCode(status.rawValue) }
        } catch let error as CommandError {
            Console.error("error: \(error.message)" + (error.hint.map { "\nhint: \($0)" } ?? ""))
            throw ArgumentParser.ExitCode(error.code.rawValue)
        }
    }
}

/// Text that a terminal shows and does not obey.
enum PrintableText {
    /// Whether the locale has more characters than ASCII (locale(7)): LC_ALL, else LC_CTYPE, else LANG decides.
    private static let isUnicode: Bool = {
        let environment = ProcessInformation.environment()
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? "C"
        let name = locale.lowercased()
        return name.contains("utf-8") || name.contains("utf8")
    }()

    /// What plain ASCII has for the signs that this program writes.
    private static let plain: [Character: String] = [
        "“": "\"", "”": "\"", "‘": "'", "’": "'", "…": "...", "→": "->", "×": "x", "–": "-", "±": "+-",
        "µ": "u",
    ]

    /// The text in the characters of the locale; `?` for one that it does not have.
    static func spelled(_ text: String) -> String {
        guard !isUnicode, !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
        return String(text.flatMap { $0.isASCII ? String($0) : plain[$0] ?? "?" })
    }

    /// The text with line ends as they are here, and every other control character of ASCII as its picture
    /// (U+2400); what else is hidden, or changes the order of what is seen, as its code point.
    static func of(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in spelled(text).unicodeScalars {
            switch scalar.value {
            case 0x0a, 0x09: result.append(scalar)
            case 0x0d: continue
            case 0x00..<0x20 where isUnicode:
                result.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{fffd}")
            case 0x00..<0x20, 0x7f:
                result.append(contentsOf: isUnicode ? "\u{2421}".unicodeScalars : "?".unicodeScalars)
            case _ where scalar.isHidden: result.append(contentsOf: "<\(scalar.codePoint)>".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}

/// Marks a part of a line.
enum Marker {
    /// Blanks and a caret, to print under `text`; `columns` are UTF-8 offsets in it.
    static func caret(under columns: Range<Int>, of text: String) -> String {
        let before = String(decoding: text.utf8.prefix(columns.lowerBound), as: UTF8.self).count
        let marked = String(
            decoding: text.utf8.dropFirst(columns.lowerBound).prefix(columns.count), as: UTF8.self
        ).count
        return String(repeating: " ", count: before) + "^" + String(repeating: "~", count: max(marked, 1) - 1)
    }
}
