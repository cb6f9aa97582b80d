import FoundationEssentials
import TestFiles
import Testing

/// The manual pages say what the program takes, and nothing else.
@Suite("the manual pages")
struct ManualTests {
    /// What `almanac --experimental-dump-help` prints, as far as this looks at it.
    private struct Help: Decodable {
        var command: Command
    }

    private struct Command: Decodable {
        struct Argument: Decodable {
            struct Name: Decodable {
                var kind: String
                var name: String
            }
            var names: [Name]?
        }
        var commandName: String
        var arguments: [Argument]?
        var subcommands: [Command]?

        /// The commands that do something, each by its words after `almanac`.
        var leaves: [(words: String, options: Set<String>)] {
            guard let subcommands, !subcommands.isEmpty else {
                let names = (arguments ?? []).flatMap { $0.names ?? [] }.filter { $0.kind == "long" }
                return [(commandName, Set(names.map(\.name)).subtracting(["help", "version"]))]
            }
            return subcommands.filter { $0.commandName != "help" }.flatMap { command in
                command.leaves.map { words, options in
                    (words == command.commandName ? words : "\(command.commandName) \(words)", options)
                }
            }
        }
    }

    private struct Settings: Decodable {
        struct Setting: Decodable {
            var name: String
        }
        var settings: [Setting]
    }

    private static func page(_ name: String) throws -> String {
        let top = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return try text(ofFile: top.joined(separator: "/") + "/docs/man/\(name)")
    }

    @Test("almanac(8) has every command, and the options that it takes")
    func commands() async throws {
        try await withBench { bench in
            let dump = try await bench.almanac("--experimental-dump-help")
            let help = try JSONDecoder().decode(Help.self, from: Data(dump.output.utf8))
            let page = try Self.page("almanac.8")
            let leaves = help.command.leaves
            #expect(leaves.count > 15)
            for (words, _) in leaves { #expect(page.contains("\n.It Cm \(words)\n"), "\(words)") }
            let described = page.split(separator: "\n").filter { $0.hasPrefix(".It Fl Fl ") }.flatMap {
                line in
                line.split(separator: " ").enumerated().filter { $0.element == "Fl" }.compactMap { index, _ in
                    let words = line.split(separator: " ")
                    return words[index - 1] == "Fl" ? String(words[index + 1]) : nil
                }
            }
            let taken = leaves.reduce(into: Set<String>()) { $0.formUnion($1.options) }
            #expect(Set(described) == taken)
        }
    }

    @Test("almanac.env(5) has every setting that almanac config prints")
    func settings() async throws {
        try await withBench { bench in
            let result = try await bench.almanac("config", "--output", "json")
            let names = try JSONDecoder().decode(Settings.self, from: Data(result.output.utf8)).settings.map(
                \.name)
            let page = try Self.page("almanac.env.5")
            #expect(names.count > 15)
            for name in names { #expect(page.contains(name), "\(name)") }
        }
    }

    @Test("a secret is shown by its length alone, and what sets a value is named")
    func config() async throws {
        try await withBench { bench in
            let secret = try #require(bench.environment["JOB_TOKEN"])
            let result = try await bench.almanac("config")
            #expect(result.status == 0 && !result.output.contains(secret))
            #expect(result.output.contains("*** (\(secret.count) characters)"))
            #expect(result.output.contains("records: \(bench.directory)/state/almanac.db"))
            try bench.put(secret, at: bench.directory + "/token")
            let file = try await bench.almanac(
                "config", environment: ["JOB_TOKEN_FILE": bench.directory + "/token"])
            #expect(file.output.contains("file \(bench.directory)/token"))
        }
    }

    @Test("a shell completes the names of jobs, and gets nothing of files that cannot be read")
    func completion() async throws {
        try await withBench { bench in
            try bench.write("10 0 * * *  purge: POST /x as=none\n10 0 * * *  probe: POST /x as=none\n")
            let found = try await bench.almanac("---completion", "why", "--", "job", "1", "2", "p")
            #expect(found.output.split(separator: "\n").sorted() == ["probe", "purge"], "\(found.errors)")
            let none = try await bench.almanac(
                "---completion", "why", "--", "job", "1", "2", "p",
                environment: ["ALMANAC_SCHEDULES": bench.directory + "/nowhere"])
            #expect(none.output.allSatisfy(\.isNewline) && none.errors.isEmpty)
        }
    }
}
