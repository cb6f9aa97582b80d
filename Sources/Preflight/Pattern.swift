/// What a value is to be: a text in which `*` stands for any other, several with `|` between them, or a comparison: `<=10`,
/// `>=2`, `<1`, `>0`, `!=text`.
package struct Pattern: Sendable, Equatable, CustomStringConvertible {
    private enum Rule: Sendable, Equatable {
        case anyOf([String])
        case noneOf(String)
        case number(Comparison, Double)
    }

    private enum Comparison: String, CaseIterable, Sendable {
        // The longer ones first, for the others are their beginnings.
        case atMost = "<="
        case atLeast = ">="
        case below = "<"
        case above = ">"
    }

    /// As it was spelt.
    package let description: String
    private let rule: Rule

    /// The pattern spelt `text`; nil when no number follows a comparison.
    package init?(_ text: String) {
        description = text
        if text.hasPrefix("!=") {
            rule = .noneOf(String(text.dropFirst(2)))
        } else if let comparison = Comparison.allCases.first(where: { text.hasPrefix($0.rawValue) }) {
            guard let bound = Double(text.dropFirst(comparison.rawValue.count)), bound.isFinite else {
                return nil
            }
            rule = .number(comparison, bound)
        } else {
            rule = .anyOf(text.split(separator: "|", omittingEmptySubsequences: false).map(String.init))
        }
    }

    /// Whether a value is as it is to be.
    package func matches(_ value: String) -> Bool {
        switch rule {
        case .anyOf(let texts): return texts.contains { Self.isGlob($0, of: value) }
        case .noneOf(let text): return !Self.isGlob(text, of: value)
        case .number(let comparison, let bound):
            guard let number = Double(value) else { return false }
            return switch comparison {
            case .atMost: number <= bound
            case .atLeast: number >= bound
            case .below: number < bound
            case .above: number > bound
            }
        }
    }

    /// Whether a text in which `*` stands for any other is `value`: each piece is found behind the one before it.
    package static func isGlob(_ pattern: String, of value: String) -> Bool {
        let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard pieces.count > 1, let first = pieces.first, let last = pieces.last else {
            return pattern == value
        }
        guard value.hasPrefix(first), value.hasSuffix(last), value.count >= first.count + last.count else {
            return false
        }
        var rest = value.dropFirst(first.count).dropLast(last.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let range = rest.firstRange(of: piece) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
