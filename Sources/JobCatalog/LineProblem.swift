/// Why a line of a file cannot be read, and which part of it.
package struct LineProblem: Error {
    /// 0-based, in UTF-8 code units.
    package var columns: Range<Int>
    /// The kind of problem, as a diagnostic has it.
    package var code: String
    /// What is wrong.
    package var message: String
    /// What to do about it; nil when nothing in particular helps.
    package var hint: String?

    package init(columns: Range<Int>, code: String, message: String, hint: String? = nil) {
        self.columns = columns
        self.code = code
        self.message = message
        self.hint = hint
    }
}

extension LineScanner {
    /// The words of a line, up to its comment; throws when a quote does not end.
    package static func words(of line: String) throws(LineProblem) -> [Word] {
        var words: [Word] = []
        var scanner = LineScanner(line)
        do throws(UnendedQuote) {
            while let word = try scanner.next() { words.append(word) }
        } catch {
            throw LineProblem(
                columns: error.column..<error.column + 1, code: "quote", message: "the quote does not end",
                hint: "end it, or write the other kind of quote round it")
        }
        return words
    }
}
