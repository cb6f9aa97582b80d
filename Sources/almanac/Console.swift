import ArgumentParser
import Daemon
import Host
import RunModel

/// Where a command writes, and how it ends.
enum Console {
    /// Writes a text and a line end to the standard output.
    static func write(_ text: String) {
        StandardStream.output.write(text + "\n")
    }

    /// Writes a document, pretty, to the standard output.
    static func write(_ document: JSONValue) {
        write(document.pretty)
    }

    /// Writes a text and a line end to the standard error.
    static func error(_ text: String) {
        StandardStream.error.write(text + "\n")
    }

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
