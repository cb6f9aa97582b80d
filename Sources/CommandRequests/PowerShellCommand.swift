/// A PowerShell command line as a request: one call of Invoke-RestMethod or Invoke-WebRequest.
package enum PowerShellCommand {
    /// The request that it would make; nil when a fault was reported.
    package static func request(
        of program: String, from words: [MappedText], at offset: Int, _ reading: inout CommandReading
    ) -> CommandRequest? {
        do {
            let script = try script(of: program, words, at: offset)
            var reader = PowerShellRequest(try tokens(of: script, &reading))
            return try reader.read(at: offset, &reading)
        } catch {
            reading.report(
                .refusedAction, "this PowerShell is not read: \(error.message)",
                hint: "only one call of Invoke-RestMethod or Invoke-WebRequest becomes a request",
                at: error.offset)
            return nil
        }
    }

    /// The text after `-Command`, as PowerShell joins it from its arguments.
    private static func script(
        of program: String, _ words: [MappedText], at offset: Int
    ) throws(PowerShellFault) -> MappedText {
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word.string.lowercased() {
            case "-noprofile", "-nop", "-noninteractive", "-noni", "-nologo", "-sta", "-mta": continue
            case "-executionpolicy", "-ep", "-ex", "-exec", "-windowstyle", "-w", "-win", "-version",
                "-outputformat", "-inputformat":
                rest = rest.dropFirst()
            case "-command", "-c": return joined(rest, at: word.offset(at: word.count))
            case "-encodedcommand", "-enc", "-ec", "-e":
                throw PowerShellFault(
                    message: "an encoded command hides what it does", offset: word.offset(at: 0))
            case "-file", "-f":
                throw PowerShellFault(message: "a script file is not run", offset: word.offset(at: 0))
            default:
                if word.bytes.first == UInt8(ascii: "-") {
                    throw PowerShellFault(
                        message: "the option \(CommandReading.excerpt(word.string)) is not known",
                        offset: word.offset(at: 0))
                }
                // The first word without an option is a command to powershell.exe, and a file to pwsh.exe (about_Pwsh).
                guard program == "powershell" else {
                    throw PowerShellFault(
                        message: "without -Command, pwsh takes this for a script file, which is not run",
                        offset: word.offset(at: 0))
                }
                return joined([word] + rest, at: word.offset(at: 0))
            }
        }
        throw PowerShellFault(message: "there is no command", offset: offset)
    }

    private static func joined(_ words: some Sequence<MappedText>, at offset: Int) -> MappedText {
        var text = MappedText(at: offset)
        for word in words {
            if !text.isEmpty { text.append(UInt8(ascii: " "), from: word.offset(at: 0)) }
            text.append(word)
        }
        return text
    }

    /// The tokens of the one statement that calls something; settings of the session and `| Out-Null` go.
    private static func tokens(
        of script: MappedText, _ reading: inout CommandReading
    ) throws(PowerShellFault) -> [PowerShellToken] {
        var script = script.trimmed
        if script.bytes.first == UInt8(ascii: "&") {
            let block = script[1...].trimmed
            guard block.bytes.first == UInt8(ascii: "{"), block.bytes.last == UInt8(ascii: "}"),
                block.count > 1
            else {
                throw PowerShellFault(message: "& calls another program", offset: script.offset(at: 0))
            }
            script = block[1..<block.count - 1].trimmed
        }
        let statements = split(script, at: [UInt8(ascii: ";"), 0x0a, 0x0d]).filter { !isSessionSetting($0) }
        guard statements.count == 1, let statement = statements.first else {
            throw PowerShellFault(
                message: "it has \(statements.count) statements", offset: script.offset(at: 0))
        }
        let pipeline = split(statement, at: [UInt8(ascii: "|")])
        guard pipeline.dropFirst().allSatisfy({ $0.string.lowercased() == "out-null" }),
            let call = pipeline.first
        else {
            let second = pipeline.dropFirst().first { $0.string.lowercased() != "out-null" }
            throw PowerShellFault(
                message: "the answer goes on to another command; leave it out, or write | Out-Null",
                offset: second?.offset(at: 0) ?? statement.offset(at: 0))
        }
        return try PowerShellLexer.tokens(of: withoutUse(call), &reading)
    }

    /// The call in a statement that keeps its answer in a variable, throws it away or shows a part of it, which makes no
    /// difference to the request: `$null = …`, `[void](…)`, `(…).StatusCode`.
    private static func withoutUse(_ statement: MappedText) throws(PowerShellFault) -> MappedText {
        var call = statement
        if call.bytes.first == UInt8(ascii: "$") {
            let name = call.bytes.dropFirst().prefix(while: ValueForm.isNameByte)
            let rest = call[name.endIndex...].trimmed
            if !name.isEmpty, rest.starts(with: "=") { call = rest[1...].trimmed }
        } else if call.string.prefix(6).lowercased() == "[void]" {
            call = call[6...].trimmed
        }
        guard call.bytes.first == UInt8(ascii: "("), let end = endOfGroup(call) else { return call }
        let part = call[end...].trimmed
        guard
            part.isEmpty || part.starts(with: ".") && part.bytes.dropFirst().allSatisfy(ValueForm.isNameByte)
        else {
            throw PowerShellFault(
                message: "something is done with the answer; leave out what stands behind the parentheses",
                offset: part.offset(at: 0))
        }
        return call[1..<end - 1].trimmed
    }

    /// Where the group ends that a text begins with, behind its parenthesis; nil when it does not close.
    private static func endOfGroup(_ text: MappedText) -> Int? {
        var end: Int?
        walk(text) { index, byte, depth in
            if byte == UInt8(ascii: ")"), depth == 0 { end = index + 1 }
            return end == nil
        }
        return end
    }

    /// Statements that only change how Windows PowerShell behaves: they set a variable and call nothing.
    private static func isSessionSetting(_ statement: MappedText) -> Bool {
        let text = statement.string.lowercased().filter { $0 != " " }
        guard !text.contains(where: { "({|&`".contains($0) }) else { return false }
        let settings = [
            "$progresspreference=", "$erroractionpreference=", "[net.servicepointmanager]::securityprotocol=",
            "[system.net.servicepointmanager]::securityprotocol=",
        ]
        return settings.contains { text.hasPrefix($0) }
    }

    /// The parts of a text between marks that stand outside quotes and braces, without empty ones.
    private static func split(_ text: MappedText, at marks: [UInt8]) -> [MappedText] {
        var parts: [MappedText] = []
        var start = 0
        walk(text) { index, byte, depth in
            if depth == 0, marks.contains(byte) {
                parts.append(text[start..<index].trimmed)
                start = index + 1
            }
            return true
        }
        parts.append(text[start...].trimmed)
        return parts.filter { !$0.isEmpty }
    }

    /// Visits what stands outside quotes, with how many parentheses and braces are open behind it, until `visit` answers
    /// false.
    private static func walk(
        _ text: MappedText, _ visit: (_ index: Int, _ byte: UInt8, _ depth: Int) -> Bool
    ) {
        var quote: UInt8?
        var depth = 0
        for (index, byte) in text.bytes.enumerated() {
            if let open = quote {
                if byte == open { quote = nil }
                continue
            }
            if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
                continue
            }
            if "{(".utf8.contains(byte) { depth += 1 }
            if "})".utf8.contains(byte) { depth -= 1 }
            guard visit(index, byte, depth) else { return }
        }
    }
}
