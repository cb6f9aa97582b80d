/// A text in which values of the configuration may be left open, so that no secret is ever a part of a task.
package struct TaskValue: Hashable, Sendable, CustomStringConvertible {
    /// A stretch of the text that is fixed, or one that is filled in later.
    package enum Part: Hashable, Sendable {
        /// Text as it is sent.
        case literal(String)
        /// The name of a configuration value, put in when a request is made.
        case reference(String)
    }

    /// Neighbouring literals are one; no literal is empty.
    package private(set) var parts: [Part] = []

    /// The parts joined: empty literals are left out, neighbouring ones become one.
    package init(_ parts: [Part] = []) {
        for part in parts { append(part) }
    }

    /// A value without references.
    package init(literal: String) {
        append(.literal(literal))
    }

    /// The whole text, or nil when a part of it is a reference.
    package var literal: String? {
        var text = ""
        for part in parts {
            guard case .literal(let piece) = part else { return nil }
            text += piece
        }
        return text
    }

    /// The names of the references, in order.
    package var references: [String] {
        parts.compactMap { if case .reference(let name) = $0 { name } else { nil } }
    }

    /// The text with references as `${NAME}`.
    package var description: String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .reference(let name): "${\(name)}"
            }
        }.joined()
    }

    /// Adds a part at the end; a literal joins the one before it.
    package mutating func append(_ part: Part) {
        switch (part, parts.last) {
        case (.literal(""), _): break
        case (.literal(let text), .literal(let before)?): parts[parts.count - 1] = .literal(before + text)
        default: parts.append(part)
        }
    }

    /// Adds all parts of another value at the end.
    package mutating func append(_ other: TaskValue) {
        for part in other.parts { append(part) }
    }
}
