import CommandRequests
import Testing

@Suite("Windows command lines")
struct WindowsCommandLineTests {
    static func mapped(_ text: String) -> MappedText {
        var mapped = MappedText(at: 0)
        for (index, byte) in text.utf8.enumerated() { mapped.append(byte, from: index) }
        return mapped
    }

    static func words(_ text: String) -> [String] {
        WindowsCommandLine.split(mapped(text)).map(\.string)
    }

    @Test(
        "words are cut by the rules of the Microsoft C library",
        arguments: [
            (#""a b c" d e"#, ["a b c", "d", "e"]), (#""ab\"c" "\\" d"#, [#"ab"c"#, #"\"#, "d"]),
            (#"a\\\b d"e f"g h"#, [#"a\\\b"#, "de fg", "h"]), (#"a\\\"b c d"#, [#"a\"b"#, "c", "d"]),
            (#"a\\\\"b c" d e"#, [#"a\\b c"#, "d", "e"]), (#"a"b"" c d"#, [#"ab" c d"#]),
            (#""a""b" c"#, [#"a"b"#, "c"]), ("", []), ("  \t ", []), (#""""#, [""]),
            (#"a "" b"#, ["a", "", "b"]),
            (#"C:\dir\ x"#, [#"C:\dir\"#, "x"]), (#""C:\dir\\" x"#, [#"C:\dir\"#, "x"]),
            ("'a b'", ["'a", "b'"]),
            ("a^b", ["a^b"]), (#""open end"#, ["open end"]), (#"x\"#, [#"x\"#]),
        ])
    func split(_ text: String, _ expected: [String]) {
        #expect(Self.words(text) == expected)
    }

    @Test(
        "a quoted word reads back as it was",
        arguments: ["", "a", "a b", #"a"b"#, #"a\"#, #"a b\"#, #"a\\"b"#, #"\\"#, "tab\there", #"""#, #"\""#])
    func quoting(_ word: String) {
        #expect(Self.words(WindowsCommandLine.quote(word) + " end") == [word, "end"])
    }

    @Test("every byte of a word knows its place in the text")
    func places() {
        let words = WindowsCommandLine.split(Self.mapped(#" "ab"c \"d"#))
        #expect(words.map { (0..<$0.count).map($0.offset(at:)) } == [[2, 3, 5], [8, 9]])
    }

    @Test(
        "a program is known by the last part of its path",
        arguments: [
            ("curl", "curl"), ("curl.exe", "curl"), (#"C:\Windows\System32\CURL.EXE"#, "curl"),
            (#"%SystemRoot%\System32\curl.exe"#, "curl"),
            (#"  "C:\Program Files\PowerShell\7\pwsh.exe" "#, "pwsh"),
            ("C:/tools/curl.exe", "curl"), (#"C:\run.bat"#, "run.bat"), (#"""#, #"""#),
        ])
    func program(_ command: String, _ name: String) {
        #expect(
            WindowsCommandLine.programName(WindowsCommandLine.program(Self.mapped(command)).string) == name)
    }
}
