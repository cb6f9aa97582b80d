/// Columns of text, aligned.
struct Table {
    /// A column whose cells may be made narrower to fit a width.
    struct Flexible {
        var column: Int
        /// Nothing could be read in less.
        var widthMin: Int
    }

    private let header: [String]
    private let flexible: [Flexible]
    private let optional: [Int]
    private var rows: [[String]] = []

    /// A table with these column heads. To fit a width, cells of the `flexible` columns are wrapped between words; then the
    /// `optional` columns are left out, the first one first; a table that still does not fit is written row by row.
    init(_ header: [String], flexible: [Flexible] = [], optional: [Int] = []) {
        self.header = header
        self.flexible = flexible
        self.optional = optional
    }

    /// Adds a row with a cell for each column.
    mutating func add(_ row: [String]) {
        precondition(row.count == header.count, "a row needs \(header.count) cells")
        rows.append(row.map(Self.oneLine))
    }

    /// The table; with `colour` its head is bold. Nil for `width`: lines are as long as they are.
    func text(colour: Bool, width: Int? = nil) -> String {
        var columns = Array(header.indices)
        var widths = columns.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        guard let width else { return text(colour, columns, widths) }
        var excess: Int { columns.reduce(-2) { $0 + widths[$1] + 2 } - width }
        var shown: [Flexible] { flexible.filter { columns.contains($0.column) } }
        var given: Int { shown.reduce(0) { $0 + max(widths[$1.column] - $1.widthMin, 0) } }
        // Those that say nothing go first.
        for column in optional where excess > 0 && rows.allSatisfy({ $0[column] == "-" }) {
            columns.removeAll { $0 == column }
        }
        for column in optional where excess > given { columns.removeAll { $0 == column } }
        guard excess <= given else { return records(colour, width) }
        for part in shown where excess > 0 {
            widths[part.column] = max(widths[part.column] - excess, min(widths[part.column], part.widthMin))
        }
        return text(colour, columns, widths)
    }

    private func text(_ colour: Bool, _ columns: [Int], _ widths: [Int]) -> String {
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, columns).map { cell, column in
                cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return String(padded.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        let head = line(columns.map { header[$0] })
        var result = [colour ? Self.bold(head) : head]
        for row in rows {
            let cells = columns.map { row[$0].isEmpty ? [""] : Self.wrapped(row[$0], widths[$0]) }
            for number in 0..<(cells.map(\.count).max() ?? 0) {
                result.append(line(cells.map { number < $0.count ? $0[number] : "" }))
            }
        }
        return result.joined(separator: "\n")
    }

    /// Each row as lines of their own, one a cell that says something.
    private func records(_ colour: Bool, _ width: Int) -> String {
        let names = header.map(\.count).max() ?? 0
        return rows.map { row in
            header.indices.filter { row[$0] != "-" }.map { column in
                let name = header[column] + String(repeating: " ", count: names - header[column].count)
                let lines = Self.wrapped(row[column], max(width - names - 2, Self.recordMin))
                return (colour ? Self.bold(name) : name) + "  "
                    + lines.joined(separator: "\n" + String(repeating: " ", count: names + 2))
            }.joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    /// Less than this is no terminal.
    private static let recordMin = 20

    /// A text as lines that are not longer than `width`, broken at blanks as far as words are not longer.
    static func wrapped(_ text: String, _ width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
                continue
            }
            var rest = word
            while rest.count > width {
                lines.append(String(rest.prefix(width)))
                rest = rest.dropFirst(width)
            }
            lines.append(String(rest))
        }
        return lines
    }

    /// Lines that a terminal of this width does not break; what goes on on another line is as far in as the words of the
    /// first. A file gets them as they are.
    static func folded(_ text: String, _ width: Int?) -> String {
        guard let width else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard line.count > width else { return String(line) }
            let words = line.prefix { !$0.isLetter && !$0.isNumber }
            let room = max(width - words.count, recordMin)
            let indent = String(repeating: " ", count: words.count)
            return words + wrapped(String(line.dropFirst(words.count)), room).joined(separator: "\n" + indent)
        }.joined(separator: "\n")
    }

    private static func bold(_ text: String) -> String { "\u{1b}[1m\(text)\u{1b}[0m" }

    /// The text without line ends and control characters, which would break the table or the terminal.
    private static func oneLine(_ text: String) -> String {
        String(
            text.map {
                $0.isNewline || $0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f } ? " " : $0
            })
    }
}
