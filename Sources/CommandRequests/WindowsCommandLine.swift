/// The words of a Windows command line, as a C program gets them.
///
/// The rules are those of CommandLineToArgvW and of "Parsing C command-line arguments" in Microsoft's
/// documentation; where the two differ (a doubled quote inside quotes) those of the C library, which curl.exe
/// and PowerShell use.
package enum WindowsCommandLine {
    /// The words of `text`, the part of a command line after the program's name.
    package static func split(_ text: MappedText) -> [MappedText] {
        var words: [MappedText] = []
        // A word is open from its first character or quote on, so that `""` is one.
        var isOpen = false
        var isQuoted = false
        var index = 0
        let bytes = text.bytes
        while index < bytes.count {
            let backslashes = bytes[index...].prefix { $0 == UInt8(ascii: "\\") }.count
            let next = index + backslashes < bytes.count ? bytes[index + backslashes] : 0
            let isEscaped = next == UInt8(ascii: "\"") && !backslashes.isMultiple(of: 2)
            if !isOpen, isQuoted || backslashes > 0 || !isBlank(next) {
                words.append(MappedText(at: text.offset(at: index)))
                isOpen = true
            }
            let kept = next == UInt8(ascii: "\"") ? backslashes / 2 : backslashes
            for step in 0..<kept {
                words[words.count - 1].append(bytes[index], from: text.offset(at: index + step))
            }
            index += backslashes
            guard index < bytes.count else { break }
            let isDoubled = isQuoted && bytes[(index + 1)...].first == UInt8(ascii: "\"")
            if next == UInt8(ascii: "\""), !isEscaped {
                if isDoubled {
                    words[words.count - 1].append(next, from: text.offset(at: index))
                    index += 1
                } else {
                    isQuoted.toggle()
                }
            } else if !isQuoted, isBlank(next) {
                isOpen = false
            } else {
                words[words.count - 1].append(next, from: text.offset(at: index))
            }
            index += 1
        }
        return words
    }

    /// The program of a task's `Command`: blanks at the ends and one pair of quotes go.
    package static func program(_ command: MappedText) -> MappedText {
        let command = command.trimmed
        guard command.count >= 2, command.bytes.first == UInt8(ascii: "\""),
            command.bytes.last == UInt8(ascii: "\"")
        else { return command }
        return command[1..<command.count - 1].trimmed
    }

    /// The last part of a path, in lower case and without `.exe`: what a program is known by.
    package static func programName(_ program: String) -> String {
        let last = program.split { $0 == "\\" || $0 == "/" }.last.map(String.init) ?? program
        let name = last.lowercased()
        return name.hasSuffix(".exe") ? String(name.dropLast(4)) : name
    }

    /// `text` as one word of a command line, in quotes where they are needed, or `always`.
    package static func quote(_ text: String, always: Bool = false) -> String {
        let needsQuotes =
            always || text.isEmpty || text.utf8.contains { isBlank($0) || $0 == UInt8(ascii: "\"") }
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
}
