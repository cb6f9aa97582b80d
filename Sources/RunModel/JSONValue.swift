/// A JSON document (RFC 8259) whose objects keep the order of their members, so that the same facts are the same text.
package enum JSONValue: Sendable, Equatable {
    /// The literal `null`, also for what is not known.
    case null
    /// The literal `true` or `false`.
    case bool(Bool)
    /// A number without a fraction, written with all its digits; readers that hold numbers as doubles lose
    /// those beyond 2^53.
    case integer(Int64)
    /// A number with a fraction; what is not finite has no JSON form and is written as `null`.
    case number(Double)
    /// Any text; control characters are written as escapes.
    case string(String)
    /// Elements in the order they are written.
    case array([JSONValue])
    /// Members in the order they are written; their names must differ.
    case object([Member])

    /// One name and its value.
    package struct Member: Sendable, Equatable {
        /// Must differ from the names of the other members of its object.
        package let name: String
        /// What is written after the colon.
        package let value: JSONValue

        /// The member `name` with the value `value`.
        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The text, or `null` when there is none.
    package init(_ text: String?) {
        self = text.map(JSONValue.string) ?? .null
    }

    /// The number, or `null` when there is none.
    package init(_ number: Int?) {
        self = number.map { .integer(Int64($0)) } ?? .null
    }
}

extension JSONValue: CustomStringConvertible {
    /// The document without white space, for programs.
    package var description: String {
        var text = ""
        write(to: &text, indentation: nil)
        return text
    }

    /// The document with a line for each member and each element, indented by two spaces, for people.
    package var pretty: String {
        var text = ""
        write(to: &text, indentation: 0)
        return text
    }

    private func write(to text: inout String, indentation: Int?) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? value.description : "null"
        case .string(let value): Self.write(value, to: &text)
        case .array(let values):
            Self.write(values, between: ("[", "]"), to: &text, indentation: indentation) {
                value, text, inner in
                value.write(to: &text, indentation: inner)
            }
        case .object(let members):
            Self.write(members, between: ("{", "}"), to: &text, indentation: indentation) {
                member, text, inner in
                Self.write(member.name, to: &text)
                text += inner == nil ? ":" : ": "
                member.value.write(to: &text, indentation: inner)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item], between brackets: (String, String), to text: inout String, indentation: Int?,
        writeItem: (Item, inout String, Int?) -> Void
    ) {
        let inner = indentation.map { $0 + 1 }
        text += brackets.0
        for (index, item) in items.enumerated() {
            if index > 0 { text += "," }
            startLine(in: &text, indentation: inner)
            writeItem(item, &text, inner)
        }
        if !items.isEmpty { startLine(in: &text, indentation: indentation) }
        text += brackets.1
    }

    private static func startLine(in text: inout String, indentation: Int?) {
        guard let indentation else { return }
        text += "\n"
        for _ in 0..<indentation { text += "  " }
    }

    /// `value` in quotation marks. Beyond what RFC 8259 asks for, DEL and the C1 controls are escaped too, since a
    /// document may end up on a terminal, and the two line separators that JavaScript does not like.
    private static func write(_ value: String, to text: inout String) {
        text += "\""
        defer { text += "\"" }
        // Nearly every text is plain, and is taken as a whole.
        guard !value.utf8.allSatisfy(isPlain) else { return text += value }
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// Whether a byte is a character of ASCII that stands for itself.
    private static func isPlain(_ byte: UInt8) -> Bool {
        0x20...0x7e ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
}

extension JSONValue: ExpressibleByFloatLiteral {
    package init(floatLiteral value: Double) { self = .number(value) }
}

extension JSONValue: ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
