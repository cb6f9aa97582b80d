/// Columns of text, aligned.
struct Table {
    private let header: [String]
    private var rows: [[String]] = []

    /// A table with these column heads.
    init(_ header: [String]) {
        self.header = header
    }

    /// Adds a row with a cell for each column.
    mutating func add(_ row: [String]) {
        precondition(row.count == header.count, "a row needs \(header.count) cells")
        rows.append(row.map(Self.oneLine))
    }

    /// The table; with `colour` its head is bold.
    func text(colour: Bool) -> String {
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            var text = ""
            for (column, cell) in cells.enumerated() {
                text += cell
                if column < cells.count - 1 {
                    text += String(repeating: " ", count: widths[column] - cell.count + 2)
                }
            }
            return text
        }
        let head = line(header)
        return ([colour ? "\u{1b}[1m\(head)\u{1b}[0m" : head] + rows.map(line)).joined(separator: "\n")
    }

    /// The text without line ends and control characters, which would break the table or the terminal.
    private static func oneLine(_ text: String) -> String {
        String(
            text.map {
                $0.isNewline || $0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f } ? " " : $0
            })
    }
}
