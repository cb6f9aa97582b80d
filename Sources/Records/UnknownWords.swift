/// The words of a row that a newer version of this program wrote and this one does not know. No list fails for one of them: it is
/// shown as it is written, in the detail.
struct UnknownWords {
    private var words: [String] = []

    /// The word of the next column as a value of the closed list, `other` for one that is not in it; nil for null.
    mutating func choice<Choice: RawRepresentable<String>>(
        _ what: String, _ row: inout RowReader, other: Choice?
    ) throws(StoreError) -> Choice? {
        guard let text = try row.optionalText() else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        words.append("\(what) “\(text)”")
        return other
    }

    /// The detail of the row, which tells the words first.
    func detail(_ text: String?) -> String? {
        guard !words.isEmpty else { return text }
        return "the \(words.joined(separator: " and the ")) of a newer version"
            + (text.map { ": " + $0 } ?? "")
    }
}
