import TestFiles
import Testing

@Suite("the English that people read")
struct WornPhraseTests {
    /// The causes are told in CONTRIBUTING.md.
    static let phrases = [
        WornPhrase(
            pattern: "is|are|was|were|be no|none", instead: "is not a …", unlessAfter: ["there"],
            unlessBefore: ["longer"]),
        WornPhrase(pattern: "nobody is|was there", instead: "while no daemon was running"),
        WornPhrase(pattern: "what|which nobody", instead: "name the thing: missed occurrences"),
        WornPhrase(pattern: "make|makes|made|making … up for", instead: "run late"),
        WornPhrase(pattern: "take|takes|took|taken|taking … out|away", instead: "remove"),
        WornPhrase(
            pattern: "only $", instead: "put “only” before what it limits", unlessAfter: ["read"]),
        WornPhrase(pattern: "no more $", instead: "no longer, before the verb"),
        WornPhrase(pattern: "also when|while|if|after|where|behind", instead: "even when"),
        WornPhrase(
            pattern: "is|are|was|were|be told|said",
            instead: "is reported, is known; told apart: distinguished"
        ),
    ]

    /// How many each file has from before this rule: a line is a number and a path.
    static let known: [String: Int] = {
        var known: [String: Int] = [:]
        let list = SourceTree.top + "/Tests/HouseTests/worn-phrases.txt"
        // Without the list every old phrase is a new one, and is reported.
        guard let text = try? text(ofFile: list) else { return [:] }
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            if words.count == 2 { known[String(words[1])] = Int(words[0]) }
        }
        return known
    }()

    @Test("a file has no worn phrase but those that are known, which become fewer")
    func everyText() {
        var known = Self.known
        for file in SourceTree.sources + SourceTree.tests + SourceTree.documents {
            let found = Self.findings(in: file)
            let count = known.removeValue(forKey: file.path) ?? 0
            guard found.count != count else { continue }
            let advice =
                found.count > count
                ? "reword:\n" + found.joined(separator: "\n")
                : "write “\(found.count) \(file.path)” there, or nothing for 0"
            Issue.record(
                "\(file.path): \(found.count) worn phrases, worn-phrases.txt has \(count); \(advice)")
        }
        for path in known.keys.sorted() { Issue.record("\(path) is gone: remove it from worn-phrases.txt") }
    }

    /// The worn phrases of a file as `LINE: PHRASE: what to write instead`.
    private static func findings(in file: SourceFile) -> [String] {
        let words = readWords(of: file)
        return phrases.flatMap { phrase in
            phrase.lines(in: words).map { (line: $0, text: "\($0): “\(phrase.pattern)”: \(phrase.instead)") }
        }.sorted { $0.line < $1.line }.map(\.text)
    }

    /// What people read of a file: all of a document, the literals of a source, the names of tests.
    private static func readWords(of file: SourceFile) -> [ReadWord] {
        guard file.path.hasSuffix(".swift") else { return ReadWord.all(in: file.text) }
        let swift = SwiftText(file.bytes)
        let isTest = file.path.hasPrefix("Tests/")
        return swift.literals.filter { !isTest || isName($0, in: swift) }.flatMap {
            ReadWord.all(in: $0.text, firstLine: $0.line) + [ReadWord(text: ".", line: $0.line)]
        }
    }

    /// Whether a literal is the first thing in the parentheses of `@Test` or `@Suite`.
    private static func isName(_ literal: SwiftText.Literal, in swift: SwiftText) -> Bool {
        let before = swift.code[..<literal.offset].reversed().drop { $0 == 0x20 || $0 == 0x0a }
        return before.starts(with: "@Test(".utf8.reversed()) || before.starts(with: "@Suite(".utf8.reversed())
    }

    @Test(
        "a phrase is found in each of its forms, and not in what is good English",
        arguments: [
            ("“x” is no log level", 1), ("there is no log level, and it is no longer one", 0),
            ("the last one is made\nup for", 1), ("it takes the whole file out", 1),
            ("it takes\n\nout", 0), ("noticed within a minute only", 1), ("only a minute. Only here", 0),
            ("read only", 0), ("those are none (of ours)", 1), ("the loop. no `is no` here", 0),
            ("of `is\nno` use", 0),
            ("what nobody\n  was there for", 2), ("needs it no more; no more than one", 1),
        ])
    func phrases(text: String, count: Int) {
        let words = ReadWord.all(in: text)
        #expect(Self.phrases.flatMap { $0.lines(in: words) }.count == count)
    }
}
