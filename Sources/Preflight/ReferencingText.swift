/// A text of the list with references to values: `${NAME}`, or `${NAME:-what holds without one}`.
package struct ReferencingText: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        case literal(String)
        case reference(String, usual: String?)
    }

    /// A reference that nothing answers.
    package struct Missing: Error, Equatable {
        /// The name in it.
        package var name: String

        package init(name: String) {
            self.name = name
        }
    }

    private var parts: [Part] = []

    /// The text spelt `text`; nil when a reference does not end, or has no name in it.
    package init?(_ text: String) {
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            if start.lowerBound > rest.startIndex {
                parts.append(.literal(String(rest[..<start.lowerBound])))
            }
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else { return nil }
            let inside = rest[start.upperBound..<end]
            let name: Substring
            var usual: String?
            if let mark = inside.firstRange(of: ":-") {
                name = inside[..<mark.lowerBound]
                usual = String(inside[mark.upperBound...])
            } else {
                name = inside
            }
            guard Self.isName(name) else { return nil }
            parts.append(.reference(String(name), usual: usual))
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
    }

    /// The text with what `value` answers in the place of each reference.
    package func filled(_ value: (String) -> String?) throws(Missing) -> String {
        var filled = ""
        for part in parts {
            switch part {
            case .literal(let text): filled += text
            case .reference(let name, let usual):
                guard let text = value(name).flatMap({ $0.isEmpty ? nil : $0 }) ?? usual else {
                    throw Missing(name: name)
                }
                filled += text
            }
        }
        return filled
    }

    /// The names that it refers to.
    package var names: [String] {
        parts.compactMap { if case .reference(let name, _) = $0 { name } else { nil } }
    }

    /// The text as long as nothing is filled in, for those who read the list.
    package var literal: String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .reference(let name, _): "${\(name)}"
            }
        }.joined()
    }

    /// Letters, digits and `_`, no digit first (environ(7)).
    package static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39 ~= first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f: true
            default: false
            }
        }
    }
}
