import JobCatalog
import RunModel

/// Reads what a check looks at: its kind, arguments and options.
struct CheckReader {
    private enum Name: String, CaseIterable {
        case setting
        case secret
        case http
        case tls
        case sql
        case program
        case file
        case almanac
        case manual
    }

    private let kindWord: LineScanner.Word
    private var arguments: [LineScanner.Word]
    private var optionWords: ArraySlice<LineScanner.Word>
    /// What the kind has not taken.
    var options: OptionWords

    /// The names of the kinds.
    static var kinds: [String] { Name.allCases.map(\.rawValue) }

    /// The shortest secret, unless the list says otherwise.
    private static let secretLength = 32

    /// What the variables of the list say.
    private let variable: (String) -> String?

    init(
        kind: LineScanner.Word, words: ArraySlice<LineScanner.Word>,
        variable: @escaping (String) -> String?
    ) {
        kindWord = kind
        self.variable = variable
        // The first option ends the arguments; an argument with a blank in it, as a statement, is none.
        let first = words.firstIndex { word in
            word.text.firstIndex(of: "=").map { equals in
                word.text[..<equals].utf8.allSatisfy { 0x61...0x7a ~= $0 || $0 == UInt8(ascii: "-") }
            } ?? false
        }
        arguments = Array(words[..<(first ?? words.endIndex)])
        optionWords = words[(first ?? words.endIndex)...]
        options = OptionWords()
    }

    mutating func kind() throws(PreflightList.Problem) -> Check.Kind {
        guard let name = Name(rawValue: kindWord.text) else {
            throw problem(
                kindWord, "“\(kindWord.text)” is not a kind of check",
                Spelling.nearest(to: kindWord.text, in: Self.kinds).map { "did you mean \($0)?" }
                    ?? "kinds are \(Self.kinds.joined(separator: ", "))")
        }
        options = try OptionWords(optionWords, variable: variable)
        let kind: Check.Kind =
            switch name {
            case .setting: .setting(try setting(isSecret: false))
            case .secret: .setting(try setting(isSecret: true))
            case .http: .http(try http())
            case .tls: .tls(host: try reference("HOST"), days: try options.number("days", in: 0...3650) ?? 14)
            case .sql: .sql(try sql())
            case .program: .program(try program())
            case .file: .file(try file())
            case .almanac: .almanac(try almanac())
            case .manual:
                .manual(
                    question: try argument("\"QUESTION\"").text, evidence: try options.reference("evidence"))
            }
        guard let rest = arguments.first else { return kind }
        throw problem(
            rest, "“\(rest.text)” is one argument too many", "put quotes round what belongs together")
    }

    private mutating func setting(isSecret: Bool) throws(PreflightList.Problem) -> Check.Setting {
        let name = try argument("NAME")
        guard ReferencingText.isName(name.text) else {
            throw problem(name, "“\(name.text)” is not the name of a setting", "write it like DB_DSN")
        }
        var setting = Check.Setting(name: name.text)
        setting.level = try options.word("level", Check.Setting.Level.self) ?? .required
        setting.from = try options.reference("from")
        setting.expect = try options.pattern("expect")
        if isSecret { setting.secretLength = try options.number("length", in: 1...4096) ?? Self.secretLength }
        return setting
    }

    private mutating func http() throws(PreflightList.Problem) -> Check.HTTPQuestion {
        let method = try argument("GET, HEAD or OPTIONS")
        guard ["GET", "HEAD", "OPTIONS"].contains(method.text) else {
            throw problem(
                method, "\(method.text) may change something, and no check does",
                "write GET, HEAD or OPTIONS")
        }
        var question = Check.HTTPQuestion(method: method.text, url: try reference("URL"))
        question.headers = try options.references("header")
        if let statuses = try options.statuses("expect") { question.statuses = statuses }
        question.expectedFields = try options.fields("expect-header")
        question.rejectedFields = try options.fields("reject-header")
        question.json = try options.json("expect-json")
        return question
    }

    private mutating func sql() throws(PreflightList.Problem) -> Check.SQLQuestion {
        let word = try argument("\"SELECT …\"")
        guard let refusal = ReadingStatement.refusal(of: word.text) else {
            var question = Check.SQLQuestion(statement: try PreflightList.text(word.text, word.columns))
            question.connection = try options.reference("dsn")
            question.expect = try options.pattern("expect")
            return question
        }
        throw problem(
            word, refusal, "write one select, with, values or show; it runs in a read-only transaction")
    }

    private mutating func program() throws(PreflightList.Problem) -> Check.ProgramQuestion {
        var question = Check.ProgramQuestion(name: try reference("NAME"))
        let arguments = try options.text("arguments") ?? "--version"
        for argument in arguments.split(separator: " ") {
            question.arguments.append(try PreflightList.text(String(argument), kindWord.columns))
        }
        question.expect = try options.pattern("expect")
        question.versionMin = try options.text("min-version")
        return question
    }

    private mutating func file() throws(PreflightList.Problem) -> Check.FileQuestion {
        var question = Check.FileQuestion(path: try reference("PATH"))
        question.ageMax = try options.duration("max-age")
        question.sizeMin = try options.size("min-size")
        question.sizeMax = try options.size("max-size")
        return question
    }

    private mutating func almanac() throws(PreflightList.Problem) -> Check.AlmanacQuestion {
        let what = try argument("what to ask")
        switch what.text {
        case "schema": return .schema
        case "token": return .token
        case "clock": return .clock
        case "metrics": return .metrics(within: try options.duration("within") ?? .seconds(300))
        case "job": return .job(try job(), expect: try options.reference("expect"))
        case "dry-run": return .dryRun(try job())
        case "templates":
            var paths = [try reference("PATH")]
            while !arguments.isEmpty { paths.append(try reference("PATH")) }
            return .templates(paths)
        default:
            let known = ["schema", "job", "templates", "dry-run", "token", "clock", "metrics"]
            throw problem(
                what, "“\(what.text)” is nothing that almanac is asked",
                Spelling.nearest(to: what.text, in: known).map { "did you mean \($0)?" }
                    ?? "write one of \(known.joined(separator: ", "))")
        }
    }

    private mutating func job() throws(PreflightList.Problem) -> String {
        let word = try argument("JOB")
        guard let name = JobName(word.text) else {
            throw problem(
                word, "“\(word.text)” is not the name of a job", "write it as in the schedule files")
        }
        return name.description
    }

    private mutating func reference(_ what: String) throws(PreflightList.Problem) -> ReferencingText {
        let word = try argument(what)
        return try PreflightList.text(word.text, word.columns)
    }

    private mutating func argument(_ what: String) throws(PreflightList.Problem) -> LineScanner.Word {
        guard !arguments.isEmpty else {
            throw problem(kindWord, "\(what) is missing after \(kindWord.text)", "see docs/preflight.md")
        }
        return arguments.removeFirst()
    }

    private func problem(
        _ word: LineScanner.Word, _ message: String, _ hint: String
    ) -> PreflightList.Problem {
        PreflightList.Problem(columns: word.columns, code: "check", message: message, hint: hint)
    }
}
