/// A turn of phrase that a reader stumbles over, and what an engineer whose language is English writes.
struct WornPhrase: Sendable {
    /// Words in order, each with its other forms behind `|`. `…` is up to three words, `$` the end of a clause.
    let pattern: String
    let instead: String
    /// With one of these words before it, or after it, it is good English.
    var unlessAfter: Set<String> = []
    var unlessBefore: Set<String> = []

    private var parts: [[Substring]] { pattern.split(separator: " ").map { $0.split(separator: "|") } }

    /// The lines on which it begins in a text.
    func lines(in words: [ReadWord]) -> [Int] {
        let parts = parts
        return words.indices.compactMap { start in
            guard let end = end(of: parts[...], from: start, in: words),
                start == 0 || !unlessAfter.contains(words[start - 1].text),
                end == words.count || !unlessBefore.contains(words[end].text)
            else { return nil }
            return words[start].line
        }
    }

    /// Where a match of `parts` that begins at `start` ends; nil when there is none.
    private func end(of parts: ArraySlice<[Substring]>, from start: Int, in words: [ReadWord]) -> Int? {
        guard let part = parts.first else { return start }
        let rest = parts.dropFirst()
        if part == ["…"] {
            for end in start...min(start + 3, words.count) {
                if let end = self.end(of: rest, from: end, in: words) { return end }
                if end < words.count, words[end].isEndOfClause { return nil }
            }
            return nil
        }
        guard start < words.count else { return part == ["$"] ? start : nil }
        if part == ["$"] { return words[start].isEndOfClause ? start : nil }
        return part.contains { $0 == words[start].text } ? end(of: rest, from: start + 1, in: words) : nil
    }
}

/// A word as people read it, in small letters, or the end of a clause.
struct ReadWord: Equatable {
    /// `.` for the end of a clause.
    var text: String
    /// The line it is on, from 1.
    var line: Int

    var isEndOfClause: Bool { text == "." }

    /// The words of a text. What is in backquotes is code, and one word.
    static func all(in text: String, firstLine: Int = 1) -> [ReadWord] {
        var words: [ReadWord] = []
        var isCode = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let number = firstLine + index
            let start = line.drop { $0 == " " }
            // A blank line, a heading and a new item of a list end what is before them.
            if start.isEmpty || start.hasPrefix("- ") || start.hasPrefix("#") || start.hasPrefix("```") {
                words.append(ReadWord(text: ".", line: number))
                isCode = false
            }
            if start.hasPrefix("```") { continue }
            for (place, part) in line.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
                if place > 0 { isCode.toggle() }
                if isCode {
                    words.append(ReadWord(text: "`", line: number))
                } else {
                    words += part.split(separator: " ").flatMap { read($0, line: number) }
                }
            }
        }
        return words
    }

    /// A word between blanks, without the signs around it, and the end of a clause that its last signs make.
    private static func read(_ text: Substring, line: Int) -> [ReadWord] {
        func isSign(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
                false
            default: true
            }
        }
        let bytes = text.utf8.drop(while: isSign)
        let signs = bytes.reversed().prefix(while: isSign)
        let word = String(decoding: Array(bytes.dropLast(signs.count)), as: UTF8.self)
        let ends = text.hasPrefix("(") || text == "|" || signs.contains { ".,;:!?)|".utf8.contains($0) }
        let end = ends ? [ReadWord(text: ".", line: line)] : []
        if word.isEmpty { return end }
        let read = [ReadWord(text: word.lowercased(), line: line)]
        return text.hasPrefix("(") ? end + read : read + end
    }
}
