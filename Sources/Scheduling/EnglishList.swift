/// Lists in words.
enum EnglishList {
    /// `a`, `a and b`, `a, b and c`.
    static func join(_ items: [String]) -> String {
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " and " + last
    }

    /// Ascending numbers by their names, three and more neighbours as a range: `1, 3 and 8 to 14`.
    static func numbers(_ values: [Int], name: (Int) -> String = { String($0) }) -> String {
        var items: [String] = []
        var index = 0
        while index < values.count {
            var last = index
            while last + 1 < values.count, values[last + 1] == values[last] + 1 { last += 1 }
            if last - index >= 2 {
                items.append("\(name(values[index])) to \(name(values[last]))")
            } else {
                items += values[index...last].map(name)
            }
            index = last + 1
        }
        return join(items)
    }

    /// `1 minute`, `5 minutes`.
    static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}
