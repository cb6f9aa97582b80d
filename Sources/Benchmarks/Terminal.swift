import Glibc

/// Output for people.
enum Terminal {
    /// Prints a table with a heading; the first column is aligned left, the others right.
    static func table(_ title: String, _ rows: [[String]]) {
        print("\n\(title)")
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
        }
        for row in rows {
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }
            print("  " + cells.joined(separator: "  "))
        }
        // A file is to have it now, too: the next may take long.
        fflush(nil)
    }

    /// A number with `decimals` digits after the point.
    static func decimal(_ number: Double, _ decimals: Int = 0) -> String {
        let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = Int((number * scale).rounded())
        guard decimals > 0 else { return String(scaled) }
        let fraction = String(scaled % Int(scale))
        return "\(scaled / Int(scale))." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }

    /// Ends the program with a message.
    static func fail(_ message: String) -> Never {
        let text = Array("error: \(message)\n".utf8)
        _ = write(STDERR_FILENO, text, text.count)
        exit(64)
    }
}
