/// A Swift file taken apart: its code, and the texts of its string literals.
///
/// It knows comments that nest, literals of one line and of many, raw ones, and expressions inside them. Regex literals are
/// unknown to it; the house has none.
struct SwiftText {
    /// A string literal as a reader sees it: `…` stands for each expression in it.
    struct Literal {
        /// The line on which it begins, from 1.
        var line: Int
        var text: String
        /// Where its first quote or `#` is in `code`.
        var offset: Int
    }

    /// The bytes of the file, with blanks for comments and literals. Lines and columns are those of the file.
    private(set) var code: [UInt8]
    private(set) var literals: [Literal] = []

    private let bytes: [UInt8]
    private var index = 0
    private var line = 1

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        code = bytes
        readCode(inExpression: false)
        literals.sort { $0.offset < $1.offset }
    }

    /// Whether `text` stands `distance` bytes ahead.
    private func isNext(_ text: String, after distance: Int = 0) -> Bool {
        var place = index + distance
        for byte in text.utf8 {
            guard place < bytes.count, bytes[place] == byte else { return false }
            place += 1
        }
        return true
    }

    /// Goes on by some bytes, which are blanked unless they are code.
    private mutating func advance(_ count: Int, asCode: Bool = false) {
        for place in index..<min(index + count, bytes.count) {
            if bytes[place] == UInt8(ascii: "\n") {
                line += 1
            } else if !asCode {
                code[place] = UInt8(ascii: " ")
            }
        }
        index += count
    }

    /// Reads to the end of the file, or to the parenthesis that ends an expression in a literal.
    private mutating func readCode(inExpression: Bool) {
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "/") where isNext("//"):
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { advance(1) }
            case UInt8(ascii: "/") where isNext("/*"):
                readComment()
            case UInt8(ascii: "\""):
                readLiteral(marks: "")
            case UInt8(ascii: "#") where isNext("#\"") || isNext("##\""):
                readLiteral(marks: isNext("##") ? "##" : "#")
            case UInt8(ascii: ")") where inExpression && depth == 0:
                return
            case let byte:
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") { depth -= 1 }
                advance(1, asCode: true)
            }
        }
    }

    private mutating func readComment() {
        var depth = 0
        repeat {
            if isNext("/*") {
                depth += 1
                advance(2)
            } else if isNext("*/") {
                depth -= 1
                advance(2)
            } else {
                advance(1)
            }
        } while depth > 0 && index < bytes.count
    }

    private mutating func readLiteral(marks: String) {
        let start = (line: line, offset: index)
        let quotes = isNext("\"\"\"", after: marks.utf8.count) ? "\"\"\"" : "\""
        advance(marks.utf8.count + quotes.utf8.count)
        let end = quotes + marks
        let escape = "\\" + marks
        var text: [UInt8] = []
        while index < bytes.count, !isNext(end) {
            if isNext(escape) {
                advance(escape.utf8.count)
                readEscape(into: &text)
            } else {
                text.append(bytes[index])
                advance(1)
            }
        }
        advance(end.utf8.count)
        literals.append(
            Literal(line: start.line, text: String(decoding: text, as: UTF8.self), offset: start.offset))
    }

    private mutating func readEscape(into text: inout [UInt8]) {
        if isNext("(") {
            advance(1)
            readCode(inExpression: true)
            text += Array("…".utf8)
        } else {
            // A quote or a line's end is itself; whatever else is escaped divides words.
            text.append(isNext("\"") || isNext("\n") ? bytes[index] : UInt8(ascii: " "))
        }
        advance(1)
    }
}
