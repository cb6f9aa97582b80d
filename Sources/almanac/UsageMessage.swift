import JobCatalog

/// An error of the command line, as every other error is printed: what is wrong, and what to type instead.
struct UsageMessage {
    let error: String
    let hint: String

    /// Puts the parser's own message, with its usage, into the words of this program; `commands` are the names of its
    /// commands.
    init(_ text: String, commands: [String]) {
        var lines = text.split(separator: "\n").map(String.init)
        func cut(_ prefix: String) -> String? {
            guard let index = lines.firstIndex(where: { $0.hasPrefix(prefix) }) else { return nil }
            return String(lines.remove(at: index).dropFirst(prefix.count))
        }
        let usage = cut("Usage: ") ?? "almanac"
        let help = cut("Help:  ")
        lines.removeAll { $0.hasPrefix("  See ") }
        var message = lines.first ?? "the command line cannot be read"
        if message.hasPrefix("Error: ") { message = String(message.dropFirst("Error: ".count)) }
        let quoted = Self.quoted(message)
        let command = usage.split(separator: " ").prefix { $0 == "almanac" || Self.isCommand($0) }
            .joined(separator: " ")

        switch quoted.first {
        case let word? where message.contains("nexpected argument") && usage.contains("<subcommand>"):
            error = "“\(word)” is not a command"
            hint =
                Spelling.nearest(to: word, in: commands).map { "did you mean `\(command) \($0)`?" }
                ?? "`\(command) --help` lists the commands"
        case let word? where message.contains("nexpected argument"):
            error = "“\(word)” is one argument too many for `\(command)`"
            hint = "type \(usage)"
        case let option? where message.hasPrefix("Unknown option"):
            error = "\(option) is not an option of `\(command)`"
            let known = Self.options(usage) + ["--help", "--version"]
            hint =
                Spelling.nearest(to: option, in: known).map { "did you mean \($0)?" }
                ?? "`\(command) --help` lists the options"
        case let value? where message.contains("is invalid for") && quoted.count > 1:
            let option = quoted[1].split(separator: " ").first.map(String.init) ?? quoted[1]
            error = "\(option): “\(value)” is not valid"
            let choices = lines.dropFirst().filter { $0.hasPrefix("  - ") }.map { $0.dropFirst(4) }
            hint =
                choices.isEmpty
                ? help.map { "\($0)" } ?? "`\(command) --help` says what is"
                : "write one of " + choices.joined(separator: ", ")
        case let argument? where message.hasPrefix("Missing"):
            error = "\(argument) is missing"
            hint = "type \(usage)"
        case nil, .some:
            error = message
            hint = "see `\(command) --help`"
        }
    }

    /// What stands between single quotes, in its order.
    private static func quoted(_ text: String) -> [String] {
        text.split(separator: "'", omittingEmptySubsequences: false).enumerated().filter {
            $0.offset % 2 == 1
        }
        .map { String($0.element) }
    }

    private static func isCommand(_ word: Substring) -> Bool {
        word.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-")
        }
            && !word.hasPrefix("-")
    }

    private static func options(_ usage: String) -> [String] {
        usage.split { " []|".contains($0) }.filter { $0.hasPrefix("--") }.map(String.init)
    }
}
