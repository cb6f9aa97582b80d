/// A place in a text that stands for a value of the configuration.
package struct ValueForm: Equatable {
    /// Who fills it in.
    package enum Kind: Equatable {
        /// `<NAME>`, `{{NAME}}`, `${NAME}` or `__NAME__`: to be filled in before the file is used.
        case placeholder
        /// `%NAME%`: filled in by Task Scheduler from the machine's environment.
        case windowsEnvironment
        /// `$env:NAME`: filled in by PowerShell, and by nothing else.
        case powerShellEnvironment
        /// `$(NAME)`: filled in by Task Scheduler from what started the task (IRegisteredTask::Run, ValueQueries).
        case taskVariable
    }

    var kind: Kind
    var name: String
    /// How many bytes of the text it takes.
    var length: Int

    /// Stands for the bracket of a raw placeholder `<NAME>` in a text that is otherwise XML; legal in XML 1.0.
    package static let mark: UInt8 = 0x7f

    private typealias Form = (open: String, close: String, kind: Kind)
    private static let marked: [Form] = [("\u{7f}", "\u{7f}", .placeholder)]
    private static let angled: [Form] = [("<", ">", .placeholder)]
    private static let braced: [Form] = [("{{", "}}", .placeholder)]
    private static let underscored: [Form] = [("__", "__", .placeholder)]
    private static let percent: [Form] = [("%", "%", .windowsEnvironment)]
    private static let dollar: [Form] = [
        ("${env:", "}", .powerShellEnvironment), ("${", "}", .placeholder),
        ("$env:", "", .powerShellEnvironment), ("$(", ")", .taskVariable),
    ]

    /// The form that begins at `index`, if one does.
    init?(in text: MappedText, at index: Int) {
        let bytes = text.bytes
        let forms: [Form]
        switch bytes[index] {
        case Self.mark: forms = Self.marked
        case UInt8(ascii: "<"): forms = Self.angled
        case UInt8(ascii: "{"): forms = Self.braced
        case UInt8(ascii: "_"): forms = Self.underscored
        case UInt8(ascii: "%"): forms = Self.percent
        case UInt8(ascii: "$"): forms = Self.dollar
        default: return nil
        }
        for form in forms where text.starts(with: form.open, at: index) {
            let start = index + form.open.utf8.count
            guard let end = Self.endOfName(in: text, from: start, kind: form.kind, close: form.close) else {
                continue
            }
            let name = String(decoding: bytes[start..<end], as: UTF8.self)
            // `%20%` and the like are percent-encoded octets of a URL and no variable.
            if form.kind == .windowsEnvironment, end - start == 2, UInt8(name, radix: 16) != nil { continue }
            kind = form.kind
            self.name = name
            length = end + form.close.utf8.count - index
            return
        }
        return nil
    }

    /// Whether a byte can be in the name of a variable.
    static func isNameByte(_ byte: UInt8) -> Bool {
        isPlaceholderByte(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    /// Whether a byte can be in the name of a placeholder: capitals, digits and underscores.
    package static func isPlaceholderByte(_ byte: UInt8) -> Bool {
        isCapital(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }

    /// Whether a byte is one of `A` to `Z`.
    package static func isCapital(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    /// Longer names are none: no configuration has one, and each place of a long text is looked at.
    private static let nameLengthMax = 64

    /// Where the name that begins at `start` ends, if there is one that `close` follows.
    private static func endOfName(in text: MappedText, from start: Int, kind: Kind, close: String) -> Int? {
        let isInName = kind == .placeholder ? Self.isPlaceholderByte : Self.isNameByte
        let limit = min(text.count, start + nameLengthMax)
        var end = text.bytes[start..<limit].firstIndex { !isInName($0) } ?? limit
        if close == "__" {
            // Underscores belong to a name and to its end.
            while end > start, text.bytes[end - 1] == UInt8(ascii: "_") { end -= 1 }
        }
        let lengthMin = kind == .powerShellEnvironment || kind == .taskVariable ? 1 : 2
        guard end - start >= lengthMin, text.starts(with: close, at: end) else { return nil }
        guard !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text.bytes[start]) else { return nil }
        return end
    }
}
