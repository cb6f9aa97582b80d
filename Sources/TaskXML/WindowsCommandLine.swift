/// The words of a Windows command line, as a C program gets them.
///
/// The rules are those of CommandLineToArgvW and of "Parsing C command-line arguments" in Microsoft's
/// documentation; where the two differ (a doubled quote inside quotes) those of the C library, which curl.exe
/// and PowerShell use.
enum WindowsCommandLine {
    /// The words of `text`, the part of a command line after the program's name.
    static func split(_ text: MappedText) -> [MappedText] {
        var words: [MappedText] = []
        var word: MappedText?
        var isQuoted = false
        var backslashes = 0
        let bytes = text.bytes
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let offset = text.offset(at: index)
            if byte == UInt8(ascii: "\\") {
                backslashes += 1
                index += 1
                continue
            }
            if byte == UInt8(ascii: "\"") {
                var current = word ?? MappedText(at: offset)
                appendBackslashes(backslashes / 2, before: index, of: text, to: &current)
                if !backslashes.isMultiple(of: 2) {
                    current.append(byte, from: offset)
                } else if isQuoted, bytes[(index + 1)...].first == UInt8(ascii: "\"") {
                    current.append(byte, from: offset)
                    index += 1
                } else {
                    isQuoted.toggle()
                }
                backslashes = 0
                word = current
                index += 1
                continue
            }
            if backslashes > 0 {
                var current = word ?? MappedText(at: text.offset(at: index - backslashes))
                appendBackslashes(backslashes, before: index, of: text, to: &current)
                backslashes = 0
                word = current
            }
            if !isQuoted, isBlank(byte) {
                if let finished = word { words.append(finished) }
                word = nil
            } else {
                var current = word ?? MappedText(at: offset)
                current.append(byte, from: offset)
                word = current
            }
            index += 1
        }
        if backslashes > 0 {
            var current = word ?? MappedText(at: text.offset(at: index - backslashes))
            appendBackslashes(backslashes, before: index, of: text, to: &current)
            word = current
        }
        if let word { words.append(word) }
        return words
    }

    /// The program of a task's `Command`: blanks at the ends and one pair of quotes go.
    static func program(_ command: MappedText) -> MappedText {
        let command = command.trimmed
        guard command.count >= 2, command.bytes.first == UInt8(ascii: "\""),
            command.bytes.last == UInt8(ascii: "\"")
        else { return command }
        return command[1..<command.count - 1].trimmed
    }

    /// The last part of a path, in lower case and without `.exe`: what a program is known by.
    static func programName(_ program: String) -> String {
        let last = program.split { $0 == "\\" || $0 == "/" }.last.map(String.init) ?? program
        let name = last.lowercased()
        return name.hasSuffix(".exe") ? String(name.dropLast(4)) : name
    }

    /// `text` as one word of a command line.
    static func quote(_ text: String) -> String {
        let needsQuotes = text.isEmpty || text.utf8.contains { isBlank($0) || $0 == UInt8(ascii: "\"") }
        guard needsQuotes else { return text }
        var quoted = "\""
        var backslashes = 0
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": backslashes += 1
            case "\"":
                quoted += String(repeating: "\\", count: backslashes * 2 + 1) + "\""
                backslashes = 0
            default:
                quoted += String(repeating: "\\", count: backslashes)
                backslashes = 0
                quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + String(repeating: "\\", count: backslashes * 2) + "\""
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        // Line ends do not part words for Windows; a file that wraps its arguments means them to.
        [0x20, 0x09, 0x0a, 0x0d].contains(byte)
    }

    private static func appendBackslashes(
        _ count: Int, before index: Int, of text: MappedText, to word: inout MappedText
    ) {
        for step in 0..<count {
            word.append(UInt8(ascii: "\\"), from: text.offset(at: max(0, index - count + step)))
        }
    }
}
