package import JobCatalog
import RunModel

/// Reads a `preflight.conf`: variables, groups and checks, in the language of schedule files.
///
///     API=https://api.example.org
///     group edge: "Network and edge"
///     check hsts: http GET ${API}/health  expect-header="strict-transport-security: max-age=*"  title="HSTS"
///
/// Reading goes on after an error, so that all problems of a file are found at once.
package struct PreflightList: Sendable {
    /// A heading, and the name by which it is asked for.
    package struct Group: Sendable, Equatable {
        package var id: String
        package var title: String
        /// When the checks are made that do not say it.
        package var phase: Check.Phase

        package init(id: String, title: String, phase: Check.Phase = .before) {
            self.id = id
            self.title = title
            self.phase = phase
        }
    }

    /// In their order; those that only checks name have their name as title.
    package private(set) var groups: [Group] = []
    /// The checks of the lines without an error, in their order.
    package private(set) var checks: [Check] = []
    /// By name, in the order of the file.
    package private(set) var variables: [(name: String, value: ReferencingText)] = []
    /// What people do on the way back, beside what the program does.
    package private(set) var steps: [String] = []
    /// All that was found, in the order of the lines.
    package private(set) var diagnostics: [Diagnostic] = []

    private let file: String
    private var line = ""
    private var lineNumber = 0
    private var hasGroupLines = false

    /// The largest file.
    package static let bytesMax = 1024 * 1024
    /// The most checks.
    package static let checksMax = 1000

    /// Reads `bytes`; `file` is the name for diagnostics.
    package init(_ bytes: [UInt8], file: String) {
        self.file = file
        guard bytes.count <= Self.bytesMax, let text = String(validating: bytes, as: UTF8.self) else {
            lineNumber = 1
            report(
                0..<1, code: "file",
                bytes.count > Self.bytesMax ? "the file is larger than 1 MiB" : "not UTF-8 text",
                hint: "is this a list of checks?")
            return
        }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            (self.line, lineNumber) = (String(line.last == "\r" ? line.dropLast() : line), index + 1)
            do {
                try readLine()
            } catch {
                report(error.columns, code: error.code, error.message, hint: error.hint)
            }
        }
        if checks.isEmpty, diagnostics.isEmpty {
            lineNumber = 1
            report(0..<1, code: "no-check", "the list has no check", hint: "write: check ID: KIND …")
        }
    }

    /// What is wrong with a line.
    typealias Problem = LineProblem

    private mutating func report(_ columns: Range<Int>, code: String, _ message: String, hint: String?) {
        diagnostics.append(
            Diagnostic(
                .error, at: SourceLocation(file: file, line: lineNumber, column: columns.lowerBound + 1),
                width: columns.count, code: code, message, hint: hint, sourceLine: line))
    }

    private mutating func readLine() throws(Problem) {
        let words = try LineScanner.words(of: line)
        guard let first = words.first else { return }
        switch first.text {
        case "group": try readGroup(words)
        case "check": try readCheck(words)
        case "step": try readStep(words)
        default:
            guard first.text.contains("=") else {
                throw Problem(
                    columns: first.columns, code: "line",
                    message: "“\(first.text)” begins no line of this list",
                    hint:
                        "lines are NAME=value, group ID: \"Title\", check ID: KIND …, and step rollback: \"Title\""
                )
            }
            for word in words { try readVariable(word) }
        }
    }

    private mutating func readVariable(_ word: LineScanner.Word) throws(Problem) {
        let (name, value, columns) = try Self.split(word)
        guard ReferencingText.isName(name) else {
            throw Problem(
                columns: word.columns, code: "name", message: "“\(name)” is not the name of a variable",
                hint: "use letters, digits and _, like API_HOST")
        }
        guard !variables.contains(where: { $0.name == name }) else {
            throw Problem(
                columns: word.columns, code: "repeated", message: "\(name) is set twice", hint: "keep one")
        }
        variables.append((name, try Self.text(value, columns)))
    }

    private mutating func readGroup(_ words: [LineScanner.Word]) throws(Problem) {
        let id = try Self.identity(words)
        guard words.count > 2, !words[2].text.hasPrefix("phase=") else {
            throw Problem(
                columns: words[1].columns, code: "group", message: "a group has one title",
                hint: "write: group \(id): \"Title\"")
        }
        guard !groups.contains(where: { $0.id == id }) else {
            throw Problem(
                columns: words[1].columns, code: "repeated", message: "the group \(id) is there twice",
                hint: "keep one")
        }
        var options = try OptionWords(words.dropFirst(3)) { _ in nil }
        let phase = try options.word("phase", Check.Phase.self) ?? .before
        try options.end()
        groups.append(Group(id: id, title: words[2].text, phase: phase))
        hasGroupLines = true
    }

    private mutating func readStep(_ words: [LineScanner.Word]) throws(Problem) {
        guard words.count == 3, words[1].text == "rollback:" else {
            throw Problem(
                columns: words[0].columns, code: "step",
                message: "a step is of the rollback, and has one title",
                hint: "write: step rollback: \"Point DNS back to the old server\"")
        }
        steps.append(words[2].text)
    }

    private mutating func readCheck(_ words: [LineScanner.Word]) throws(Problem) {
        let id = try Self.identity(words)
        guard !checks.contains(where: { $0.id == id }) else {
            throw Problem(
                columns: words[1].columns, code: "repeated", message: "the check \(id) is there twice",
                hint: "give each its own name")
        }
        guard checks.count < Self.checksMax else {
            throw Problem(
                columns: words[1].columns, code: "too-many",
                message: "a list has at most \(Self.checksMax) checks",
                hint: "use two lists")
        }
        guard words.count > 2 else {
            throw Problem(
                columns: words[1].columns, code: "kind", message: "the kind of check is missing",
                hint: "kinds are \(CheckReader.kinds.joined(separator: ", "))")
        }
        let source = SourceLocation(file: file, line: lineNumber, column: words[1].columns.lowerBound + 1)
        let variables = variables
        var reader = CheckReader(kind: words[2], words: words.dropFirst(3)) { name in
            // One that refers to others is understood when it is checked.
            variables.first { $0.name == name }.flatMap { $0.value.names.isEmpty ? $0.value.literal : nil }
        }
        let kind = try reader.kind()
        let group = try reader.options.text("group") ?? groups.last?.id ?? "checks"
        let section =
            try reader.options.text("section") ?? checks.last.flatMap { $0.group == group ? $0.section : nil }
        let title = try reader.options.text("title") ?? id
        let hint = try reader.options.text("hint")
        let phase = try reader.options.word("phase", Check.Phase.self)
        let trigger = try reader.options.word("trigger", Check.Trigger.self)
        try reader.options.end()
        try note(group, words)
        checks.append(
            Check(
                id: id, title: title, group: group, section: section, kind: kind,
                phase: phase ?? groups.first { $0.id == group }?.phase ?? .before, trigger: trigger,
                hint: hint,
                source: source))
    }

    /// A list without a line that begins a group has those that its checks name; else one that no line begins is misspelled.
    private mutating func note(_ group: String, _ words: [LineScanner.Word]) throws(Problem) {
        guard !groups.contains(where: { $0.id == group }) else { return }
        guard let word = words.first(where: { $0.text == "group=" + group }), hasGroupLines else {
            groups.append(Group(id: group, title: group))
            return
        }
        let near = Spelling.nearest(to: group, in: groups.map(\.id))
        throw Problem(
            columns: word.columns, code: "group", message: "no line above begins the group “\(group)”",
            hint: near.map { "did you mean \($0)?" } ?? "write: group \(group): \"Title\"")
    }

    /// The name that ends with a colon, in the second word.
    private static func identity(_ words: [LineScanner.Word]) throws(Problem) -> String {
        guard words.count > 1, words[1].text.hasSuffix(":"), let name = JobName(words[1].text.dropLast())
        else {
            let columns = words.count > 1 ? words[1].columns : words[0].columns
            throw Problem(
                columns: columns, code: "name", message: "a name that ends with a colon is missing",
                hint: "use lower-case letters, digits, “.”, “_” and “-”, like \(words[0].text) tls-days:")
        }
        return name.description
    }

    static func split(_ word: LineScanner.Word) throws(Problem) -> (
        name: String, value: String, columns: Range<Int>
    ) {
        guard let equals = word.text.firstIndex(of: "=") else {
            throw Problem(
                columns: word.columns, code: "option", message: "“\(word.text)” is not an option",
                hint: "write name=value")
        }
        return (
            String(word.text[..<equals]), String(word.text[word.text.index(after: equals)...]), word.columns
        )
    }

    static func text(_ value: String, _ columns: Range<Int>) throws(Problem) -> ReferencingText {
        guard let text = ReferencingText(value) else {
            throw Problem(
                columns: columns, code: "reference", message: "a reference does not end, or has no name",
                hint: "write ${NAME}, or ${NAME:-what holds without one}")
        }
        return text
    }
}
