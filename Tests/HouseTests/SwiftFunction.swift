/// A function with a body, or whatever else has one that is run: an initialiser, a subscript, a computed property.
struct SwiftFunction {
    var name: String
    /// The line of the keyword, from 1.
    var line: Int
    /// From the keyword to the last brace.
    var lineCount: Int

    /// The functions of a file, in order, those within others too.
    static func all(in code: [UInt8]) -> [SwiftFunction] {
        let words = Word.all(in: code)
        return words.indices.compactMap { number in
            let word = words[number]
            let isMember = number > 0 && words[number - 1].text == "."
            guard !isMember, ["func", "init", "deinit", "subscript", "var"].contains(word.text),
                let end = bodyEnd(after: number, in: words)
            else { return nil }
            let named = ["func", "var"].contains(word.text) && number + 1 < words.count
            return SwiftFunction(
                name: named ? words[number + 1].text : word.text, line: word.line,
                lineCount: end - word.line + 1)
        }
    }

    /// The line of the brace that ends the body of a declaration; nil when it has none.
    private static func bodyEnd(after start: Int, in words: [Word]) -> Int? {
        let others: Set = [
            "func", "init", "deinit", "subscript", "var", "let", "case", "struct", "enum", "class", "actor",
            "extension", "protocol", "typealias", "associatedtype",
        ]
        let isVariable = words[start].text == "var"
        var depth = 0
        var braces = 0
        for word in words[(start + 1)...] {
            // A property's type is not followed by a statement with braces.
            if isVariable, braces == 0, word.line > words[start].line { return nil }
            switch word.text {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "{" where depth == 0 || braces > 0: braces += 1
            case "}" where braces > 0:
                braces -= 1
                if braces == 0 { return word.line }
            // The next declaration, the end of the type, or a value: there is no body.
            case "}" where depth == 0: return nil
            case "=" where depth == 0 && braces == 0 && isVariable: return nil
            case let text where depth == 0 && braces == 0 && others.contains(text): return nil
            default: break
            }
        }
        return nil
    }

    /// A word of code, or one of its signs.
    private struct Word {
        var text: String
        var line: Int

        static func all(in code: [UInt8]) -> [Word] {
            var words: [Word] = []
            var line = 1
            var letters: [UInt8] = []
            for byte in code {
                if isPart(byte) {
                    letters.append(byte)
                    continue
                }
                if !letters.isEmpty {
                    words.append(Word(text: String(decoding: letters, as: UTF8.self), line: line))
                    letters = []
                }
                if byte == UInt8(ascii: "\n") { line += 1 }
                if signs.contains(byte) {
                    words.append(Word(text: String(UnicodeScalar(byte)), line: line))
                }
            }
            return words
        }

        private static let signs = Set("(){}[]=.".utf8)

        private static func isPart(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
                true
            default: false
            }
        }
    }
}
