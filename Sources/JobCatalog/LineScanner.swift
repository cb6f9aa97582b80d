/// Splits a line into words at blanks and tabs, keeping the column of each; quotes hold blanks together.
package struct LineScanner {
    /// A word with its quotes taken off, and where it stands.
    package struct Word: Equatable {
        /// Without its quotes.
        package var text: String
        /// 0-based, in UTF-8 code units, quotes included.
        package var columns: Range<Int>
    }

    /// A quote that does not end.
    package struct UnendedQuote: Error {
        /// 0-based, in UTF-8 code units.
        package var column: Int
    }

    private let bytes: [UInt8]
    private(set) var column: Int

    /// The words of `line` from a column on.
    package init(_ line: String, from column: Int = 0) {
        bytes = Array(line.utf8)
        self.column = column
    }

    /// The next word, or nil at the end of the line or at a comment (`#` at the beginning of a word).
    ///
    /// Within `"…"`, `\"`, `\\`, `\n`, `\r` and `\t` stand for the character; within `'…'` everything is literal.
    package mutating func next() throws(UnendedQuote) -> Word? {
        while column < bytes.count, Self.isBlank(bytes[column]) { column += 1 }
        guard column < bytes.count, bytes[column] != UInt8(ascii: "#") else { return nil }
        let start = column
        var text: [UInt8] = []
        var quote: UInt8?
        var quoteColumn = start
        while column < bytes.count {
            let byte = bytes[column]
            if let open = quote {
                if byte == open {
                    quote = nil
                } else if byte == UInt8(ascii: "\\"), open == UInt8(ascii: "\""), column + 1 < bytes.count {
                    column += 1
                    text.append(Self.escaped(bytes[column]))
                } else {
                    text.append(byte)
                }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
                quoteColumn = column
            } else if Self.isBlank(byte) {
                break
            } else {
                text.append(byte)
            }
            column += 1
        }
        if quote != nil { throw UnendedQuote(column: quoteColumn) }
        return Word(text: String(decoding: text, as: UTF8.self), columns: start..<column)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private static func escaped(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "n"): UInt8(ascii: "\n")
        case UInt8(ascii: "r"): UInt8(ascii: "\r")
        case UInt8(ascii: "t"): UInt8(ascii: "\t")
        default: byte
        }
    }
}

extension LineScanner {
    /// The word as a line must spell it to be read as `text`.
    static func quoted(_ text: String) -> String {
        guard text.utf8.contains(where: { [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x27].contains($0) }) else {
            return text
        }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
