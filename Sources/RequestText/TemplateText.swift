/// Text with references to values of the configuration, so that what is read from files holds no secret and no
/// address of its own.
///
/// A reference is written `${NAME}`; `$${` stands for a literal `${`. In a longer run of `$` before a `{` each pair
/// stands for one `$`; elsewhere a `$` is just that.
package struct TemplateText: Sendable, Hashable, CustomStringConvertible {
    /// A stretch of the text that is fixed, or one that is filled in.
    package enum Part: Sendable, Hashable {
        /// Text as it is sent, its `$` not doubled.
        case literal(String)
        /// The value of the configuration with this name, such as `API_BASE_URL`.
        case reference(String)
    }

    /// In their order; joined, they are the text. Neighbouring literals are one, and none is empty.
    package private(set) var parts: [Part] = []

    /// The parts joined: empty literals are left out, neighbouring ones become one.
    package init(_ parts: [Part] = []) {
        for part in parts { append(part) }
    }

    /// A text without references.
    package init(literal: String) {
        append(.literal(literal))
    }

    /// The template spelt `text`; nil when a `${` is not followed by a name and `}`.
    package init?(parsing text: String) {
        let bytes = Array(text.utf8)
        var literal: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let dollars = bytes[index...].prefix { $0 == UInt8(ascii: "$") }
            guard !dollars.isEmpty, dollars.endIndex < bytes.count,
                bytes[dollars.endIndex] == UInt8(ascii: "{")
            else {
                literal += dollars.isEmpty ? bytes[index...index] : dollars
                index = dollars.isEmpty ? index + 1 : dollars.endIndex
                continue
            }
            literal += dollars.prefix(dollars.count / 2)
            index = dollars.endIndex + 1
            guard dollars.count % 2 == 1 else {
                literal.append(UInt8(ascii: "{"))
                continue
            }
            guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "}")) else { return nil }
            let name = String(decoding: bytes[index..<end], as: UTF8.self)
            guard Self.isName(name) else { return nil }
            append(.literal(String(decoding: literal, as: UTF8.self)))
            literal = []
            append(.reference(name))
            index = end + 1
        }
        append(.literal(String(decoding: literal, as: UTF8.self)))
    }

    /// Adds a part at the end; a literal joins the one before it.
    package mutating func append(_ part: Part) {
        switch (part, parts.last) {
        case (.literal(""), _): break
        case (.literal(let text), .literal(let before)?): parts[parts.count - 1] = .literal(before + text)
        default: parts.append(part)
        }
    }

    /// Adds all parts of another text at the end.
    package mutating func append(_ other: TemplateText) {
        for part in other.parts { append(part) }
    }

    /// The whole text, or nil when a part of it is a reference.
    package var literal: String? {
        switch (parts.count, parts.first) {
        case (0, _): ""
        case (1, .literal(let text)?): text
        default: nil
        }
    }

    /// The names that it refers to, in their order.
    package var references: [String] {
        parts.compactMap { if case .reference(let name) = $0 { name } else { nil } }
    }

    /// The text as it would be parsed: references as `${NAME}`.
    package var description: String {
        var bytes: [UInt8] = []
        for part in parts {
            switch part {
            case .literal(let literal):
                for byte in literal.utf8 {
                    if byte == UInt8(ascii: "{") { Self.doubleDollars(atEndOf: &bytes) }
                    bytes.append(byte)
                }
            case .reference(let name):
                Self.doubleDollars(atEndOf: &bytes)
                bytes += "${\(name)}".utf8
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func doubleDollars(atEndOf bytes: inout [UInt8]) {
        bytes += bytes.reversed().prefix { $0 == UInt8(ascii: "$") }
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
