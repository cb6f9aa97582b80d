import CivilTime
import Records

/// Rows as a JSON array of objects, the form in which one parameter carries any number of rows.
enum JSONText {
    /// `columns` and, for each row, one value for each of them.
    static func array(columns: [String], rows: [[ColumnValue]]) -> String {
        "[" + rows.map { object(columns: columns, values: $0) }.joined(separator: ",") + "]"
    }

    /// One row; a column that is null is left out.
    static func object(columns: [String], values: [ColumnValue]) -> String {
        var text = "{"
        for (column, value) in zip(columns, values) where value != .null {
            text += text.utf8.count == 1 ? "\"" : ",\""
            text += column + "\":"
            append(value, to: &text)
        }
        return text + "}"
    }

    private static func append(_ value: ColumnValue, to text: inout String) {
        switch value {
        case .null: text += "null"
        case .integer(let number): text += String(number)
        case .boolean(let value): text += value ? "true" : "false"
        case .instant(let instant): append(.text(instant.timestamptz), to: &text)
        case .text(let value):
            text += "\""
            for scalar in value.unicodeScalars {
                switch scalar {
                case "\"", "\\": text += "\\" + String(scalar)
                // RFC 8259, section 7. PostgreSQL has no NUL in texts; free texts hold none here.
                case "\u{0}"..."\u{1f}":
                    text += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
                default: text.unicodeScalars.append(scalar)
                }
            }
            text += "\""
        }
    }
}

extension Instant {
    /// The instant by its Julian day, a form that `timestamptz` reads over its whole range, eras included.
    var timestamptz: String {
        let second = (seconds % 86_400 + 86_400) % 86_400
        // The remainder, and not a difference, which overflows at the earliest instants.
        let part = microseconds % 1_000_000
        let fraction = String(1_000_000 + (part < 0 ? part + 1_000_000 : part)).dropFirst()
        // 1970-01-01 is the Julian day 2,440,588.
        let day = (seconds - second) / 86_400 + 2_440_588
        return "J\(day) \(second / 3600):\(second / 60 % 60):\(second % 60).\(fraction)Z"
    }
}
