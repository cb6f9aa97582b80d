/// Text with references to values of the configuration, so that a catalog holds no secret and no address.
///
/// A reference is written `${NAME}`; `$${` stands for a literal `${`.
package struct TemplateText: Sendable, Hashable, CustomStringConvertible {
    package enum Part: Sendable, Hashable {
        case literal(String)
        /// The value of the configuration with this name, such as `API_BASE_URL`.
        case reference(String)
    }

    package var parts: [Part]

    package init(_ parts: [Part]) {
        self.parts = parts
    }

    /// The template spelt `text`; nil when a `${` is not followed by a name and `}`.
    package init?(parsing text: String) {
        parts = []
        var rest = text[...]
        var literal = ""
        while let start = rest.firstIndex(of: "$") {
            literal += rest[..<start]
            let after = rest[rest.index(after: start)...]
            if after.hasPrefix("${") {
                literal += "${"
                rest = after.dropFirst(2)
            } else if after.hasPrefix("{") {
                guard let end = after.firstIndex(of: "}") else { return nil }
                let name = after[after.index(after: after.startIndex)..<end]
                guard Self.isName(name) else { return nil }
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                parts.append(.reference(String(name)))
                rest = after[after.index(after: end)...]
            } else {
                literal += "$"
                rest = after
            }
        }
        literal += rest
        if !literal.isEmpty { parts.append(.literal(literal)) }
    }

    /// The names that it refers to, in their order.
    package var references: [String] {
        parts.compactMap { if case .reference(let name) = $0 { name } else { nil } }
    }

    /// The text as it would be parsed: references as `${NAME}`.
    package var description: String {
        var text = ""
        for part in parts {
            switch part {
            case .literal(let literal):
                text += literal.split(separator: "${", omittingEmptySubsequences: false)
                    .joined(separator: "$${")
            case .reference(let name): text += "${\(name)}"
            }
        }
        return text
    }

    /// Whether `name` can be the name of a value: letters, digits and `_`, not beginning with a digit.
    package static func isName(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
        }
    }
}
