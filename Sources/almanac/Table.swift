/// Columns of text, aligned.
struct Table {
    private let header: [String]
    private let flexible: Int?
    private var rows: [[String]] = []

    /// A table with these column heads; the cells of the column `flexible` may be cut to fit a width.
    init(_ header: [String], flexible: Int? = nil) {
        self.header = header
        self.flexible = flexible
    }

    /// Adds a row with a cell for each column.
    mutating func add(_ row: [String]) {
        precondition(row.count == header.count, "a row needs \(header.count) cells")
        rows.append(row.map(Self.oneLine))
    }

    /// The table; with `colour` its head is bold. Lines are not longer than `width`, as far as the flexible column can help.
    func text(colour: Bool, width: Int? = nil) -> String {
        let rows = width.map { fitted($0) } ?? rows
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

    /// The rows with the cells of the flexible column cut, so that lines fit a width.
    private func fitted(_ width: Int) -> [[String]] {
        guard let flexible else { return rows }
        let others = header.indices.filter { $0 != flexible }
            .map { column in (([header] + rows).map { $0[column].count }.max() ?? 0) + 2 }.reduce(0, +)
        let room = max(width - others, header[flexible].count, Self.cellMin)
        return rows.map { row in
            var row = row
            if row[flexible].count > room { row[flexible] = row[flexible].prefix(room - 1) + "…" }
            return row
        }
    }

    /// A cell is not cut to less, since nothing could be read then.
    private static let cellMin = 12

    /// The text without line ends and control characters, which would break the table or the terminal.
    private static func oneLine(_ text: String) -> String {
        String(
            text.map {
                $0.isNewline || $0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f } ? " " : $0
            })
    }
}
