/// Lists and numbers of things in words.
package enum EnglishList {
    /// `a`, `a and b`, `a, b and c`, or with another word than “and”.
    package static func join(_ items: [String], _ word: String = "and") -> String {
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return "\(items.dropLast().joined(separator: ", ")) \(word) \(last)"
    }

    /// Ascending numbers by their names, three and more neighbours as a range: `1, 3 and 8 to 14`.
    static func numbers(_ values: [Int], name: (Int) -> String = { String($0) }) -> String {
        join(
            neighbours(values).flatMap {
                $0.count > 2 ? ["\(name($0.lowerBound)) to \(name($0.upperBound))"] : $0.map(name)
            })
    }

    /// Ascending numbers as ranges without a gap.
    static func neighbours(_ values: [Int]) -> [ClosedRange<Int>] {
        var ranges: [ClosedRange<Int>] = []
        for value in values {
            if let last = ranges.last, last.upperBound + 1 == value {
                ranges[ranges.count - 1] = last.lowerBound...value
            } else {
                ranges.append(value...value)
            }
        }
        return ranges
    }

    /// A number of things: `1 minute`, `5 minutes`.
    package static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}
