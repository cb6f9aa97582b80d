import RequestText

/// A token of the part of PowerShell that calls of Invoke-RestMethod and Invoke-WebRequest are written in.
struct PowerShellToken {
    enum Kind: Equatable {
        /// A bare or quoted text.
        case text(TemplateText)
        /// `-Name`, in lower case and without its colon.
        case parameter(String)
        case openGroup, closeGroup, openTable, closeTable
        case equals, plus, separator
    }

    var kind: Kind
    /// Where it begins in the file.
    var offset: Int
}

/// What PowerShell would do and this reader does not.
struct PowerShellFault: Error {
    var message: String
    var offset: Int
}

/// Cuts a statement into tokens. See about_Parsing and about_Quoting_Rules in PowerShell's documentation.
struct PowerShellLexer {
    private let text: MappedText
    private var index = 0
    private var groups = 0
    private var tables = 0

    private init(_ text: MappedText) {
        self.text = text
    }

    static func tokens(
        of text: MappedText, _ reading: inout CommandReading
    ) throws(PowerShellFault) -> [PowerShellToken] {
        var lexer = PowerShellLexer(text)
        var tokens: [PowerShellToken] = []
        while let token = try lexer.next(&reading) { tokens.append(token) }
        return tokens
    }

    private func byte(at index: Int) -> UInt8? { index < text.count ? text.bytes[index] : nil }

    private mutating func next(_ reading: inout CommandReading) throws(PowerShellFault) -> PowerShellToken? {
        while let byte = byte(at: index), byte == 0x20 || byte == 0x09 { index += 1 }
        guard let byte = byte(at: index) else { return nil }
        let offset = text.offset(at: index)
        switch byte {
        case UInt8(ascii: "@"):
            guard text.starts(with: "@{", at: index) else { throw fault("@ begins nothing but a table @{…}") }
            tables += 1
            return take(.openTable, 2, offset)
        case UInt8(ascii: "}"):
            tables -= 1
            return take(.closeTable, 1, offset)
        case UInt8(ascii: "("):
            groups += 1
            return take(.openGroup, 1, offset)
        case UInt8(ascii: ")"):
            groups -= 1
            return take(.closeGroup, 1, offset)
        case UInt8(ascii: "="): return take(.equals, 1, offset)
        case UInt8(ascii: "+"): return take(.plus, 1, offset)
        case UInt8(ascii: ";"), 0x0a, 0x0d: return take(.separator, 1, offset)
        case UInt8(ascii: "-") where !isExpression && isLetter(at: index + 1): return parameter(offset)
        default: return try word(offset, &reading)
        }
    }

    /// Between parentheses and in tables, where a bare word ends at an operator.
    private var isExpression: Bool { groups > 0 || tables > 0 }

    private mutating func take(_ kind: PowerShellToken.Kind, _ length: Int, _ offset: Int) -> PowerShellToken
    {
        index += length
        return PowerShellToken(kind: kind, offset: offset)
    }

    private mutating func parameter(_ offset: Int) -> PowerShellToken {
        let start = index + 1
        index = start
        while isLetter(at: index) { index += 1 }
        let name = text[start..<index].string.lowercased()
        if byte(at: index) == UInt8(ascii: ":") { index += 1 }
        return PowerShellToken(kind: .parameter(name), offset: offset)
    }

    private func isLetter(at index: Int) -> Bool {
        byte(at: index).map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) } ?? false
    }

    /// One text, of quoted and bare pieces that touch.
    private mutating func word(
        _ offset: Int, _ reading: inout CommandReading
    ) throws(PowerShellFault) -> PowerShellToken {
        var value = TemplateText()
        while let byte = byte(at: index), !endsWord(byte) {
            switch byte {
            case UInt8(ascii: "'"):
                value.append(reading.value(of: try literalString(), expansion: .taskScheduler))
            case UInt8(ascii: "\""):
                value.append(try expandedPiece(isQuoted: true, &reading))
            default:
                value.append(try expandedPiece(isQuoted: false, &reading))
            }
        }
        return PowerShellToken(kind: .text(value), offset: offset)
    }

    private func endsWord(_ byte: UInt8) -> Bool {
        if [0x20, 0x09, 0x0a, 0x0d].contains(byte) || ";)}".utf8.contains(byte) { return true }
        return isExpression && "=+".utf8.contains(byte)
    }

    /// `'…'`, in which only `''` means something else than it says.
    private mutating func literalString() throws(PowerShellFault) -> MappedText {
        let start = index
        index += 1
        var piece = MappedText(at: text.offset(at: index))
        while let byte = byte(at: index) {
            if byte == UInt8(ascii: "'") {
                guard self.byte(at: index + 1) == byte else {
                    index += 1
                    return piece
                }
                index += 1
            }
            piece.append(byte, from: text.offset(at: index))
            index += 1
        }
        index = start
        throw fault("a text in single quotes does not end")
    }

    /// `"…"`, or a bare piece: `$env:NAME` is filled in, and a backtick takes the meaning of what follows it.
    private mutating func expandedPiece(
        isQuoted: Bool, _ reading: inout CommandReading
    ) throws(PowerShellFault) -> TemplateText {
        let start = index
        if isQuoted { index += 1 }
        var value = TemplateText()
        var piece = MappedText(at: text.offset(at: index))
        while let byte = byte(at: index) {
            if isQuoted, byte == UInt8(ascii: "\"") {
                guard self.byte(at: index + 1) == byte else {
                    index += 1
                    value.append(reading.value(of: piece, expansion: .taskScheduler))
                    return value
                }
                index += 1
            } else if !isQuoted, endsWord(byte) || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                break
            } else if !isQuoted, "|&<>(,".utf8.contains(byte) {
                throw fault("the operator \(Character(Unicode.Scalar(byte))) is not read")
            } else if byte == UInt8(ascii: "`") {
                index += 1
                guard let escaped = self.byte(at: index), !isLetter(at: index) else {
                    throw fault("this escape with ` is not read")
                }
                piece.append(escaped, from: text.offset(at: index))
                index += 1
                continue
            } else if byte == UInt8(ascii: "$") {
                value.append(reading.value(of: piece, expansion: .taskScheduler))
                value.append(try variable(&reading))
                piece = MappedText(at: text.offset(at: index))
                continue
            }
            piece.append(self.byte(at: index) ?? byte, from: text.offset(at: index))
            index += 1
        }
        if isQuoted {
            index = start
            throw fault("a text in double quotes does not end")
        }
        value.append(reading.value(of: piece, expansion: .taskScheduler))
        return value
    }

    /// The variables that are always there, as the text that a header or body gets.
    private static let constants = ["true": "True", "false": "False", "null": ""]

    /// `$env:NAME`, a constant, or a placeholder such as `${NAME}`.
    private mutating func variable(_ reading: inout CommandReading) throws(PowerShellFault)
        -> TemplateText.Part
    {
        if let form = ValueForm(in: text, at: index), form.kind != .windowsEnvironment {
            let offset = text.offset(at: index)
            index += form.length
            // Here, and only here, PowerShell itself fills it in.
            if form.kind == .powerShellEnvironment { return .reference(form.name.uppercased()) }
            return reading.part(for: form, at: offset)
        }
        let name = text.bytes[(index + 1)...].prefix(while: ValueForm.isNameByte)
        if let constant = Self.constants[String(decoding: name, as: UTF8.self).lowercased()] {
            index = name.endIndex
            return .literal(constant)
        }
        throw fault("only variables of the environment, as in $env:NAME, are read")
    }

    private func fault(_ message: String) -> PowerShellFault {
        PowerShellFault(message: message, offset: text.offset(at: index))
    }
}
