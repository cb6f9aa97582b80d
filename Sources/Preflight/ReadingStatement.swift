/// Whether a statement only reads. The database makes sure of it, in a read-only transaction; that a list says something else is
/// told when it is read.
enum ReadingStatement {
    /// Words that begin a statement which answers rows and changes nothing.
    private static let beginnings: Set<String> = ["select", "with", "values", "show"]
    /// Words of statements that change something, which may also stand behind `with`.
    private static let changing: Set<String> = [
        "insert", "update", "delete", "merge", "truncate", "drop", "alter", "create", "grant", "revoke",
        "copy",
        "call", "do", "vacuum", "lock", "commit", "rollback", "begin", "into",
    ]

    /// Why the statement is refused; nil when it only reads, as far as its words tell.
    static func refusal(of statement: String) -> String? {
        let words = words(of: statement)
        guard let first = words.first else { return "the statement is empty" }
        if words.contains(";") { return "two statements, of which one is run" }
        guard beginnings.contains(first) else {
            return "a statement that begins with \(first) may change something"
        }
        if let word = words.first(where: changing.contains) {
            return "\(word) changes something, and no check does"
        }
        return nil
    }

    /// The words outside of quotes and comments, in lower case; `;` before another statement.
    private static func words(of statement: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        func ended(_ word: inout String) {
            if !word.isEmpty { words.append(word.lowercased()) }
            word = ""
        }
        var hasSemicolon = false
        for character in statement {
            if let open = quote {
                if character == open { quote = nil }
                continue
            }
            if hasSemicolon, !character.isWhitespace {
                words.append(";")
                hasSemicolon = false
            }
            switch character {
            case "'", "\"":
                ended(&word)
                quote = character
            case ";":
                ended(&word)
                hasSemicolon = true
            case _ where character.isLetter || character == "_" || !word.isEmpty && character.isNumber:
                word.append(character)
            default: ended(&word)
            }
        }
        ended(&word)
        return words
    }
}
