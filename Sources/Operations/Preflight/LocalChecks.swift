import CivilTime
import Host
import JobCatalog
import Preflight
import RequestText
import RunEngine
import ScheduleFiles
import Scheduling
import Synchronization
import Systemd

/// The checks of this machine's own files and programs, made with the rights of whoever asks: the service's user may see
/// neither.
struct LocalChecks {
    let values: PreflightValues
    let now: Instant
    /// The environment files that were read, by path.
    private var files: [String: Result<[String: String], SystemdError>] = [:]

    private static let programLimit: Duration = .seconds(10)

    init(_ values: PreflightValues, now: Instant) {
        self.values = values
        self.now = now
    }

    /// A program that runs, and what it is to say.
    struct Running {
        var check: Check
        var question: Check.ProgramQuestion
        var program: Result<ProgramOutput, HostError>
    }

    /// What these checks came to, by name, and the programs that were started for others; of other kinds there is nothing.
    mutating func begin(_ checks: [Check]) -> (results: [String: CheckResult], running: [Running]) {
        var running: [Running] = []
        var results: [String: CheckResult] = [:]
        for check in checks {
            do throws(ReferencingText.Missing) {
                switch check.kind {
                case .setting(let setting): results[check.id] = try result(of: setting)
                case .file(let question): results[check.id] = try result(of: question)
                case .program(let question):
                    running.append(Running(check: check, question: question, program: try start(question)))
                case .http, .tls, .sql, .almanac, .manual: break
                }
            } catch {
                results[check.id] = error.result
            }
        }
        return (results, running)
    }

    /// The hash of what is shown to who signs: the question, and the file that shows it.
    func evidence(of check: Check) -> String? {
        guard case .manual(let question, let file) = check.kind else { return nil }
        var hash = StableHash()
        hash.combine(check.title)
        hash.combine(question)
        if let file {
            let path = (try? values.filled(file)) ?? file.literal
            hash.combine(path)
            hash.combine(bytes: (try? CatalogLoader.bytes(of: path)) ?? [])
        }
        return hash.hexadecimal
    }

    // MARK: Settings

    private mutating func result(of setting: Check.Setting) throws(ReferencingText.Missing) -> CheckResult {
        let name = setting.name
        let place = try setting.from.map { text throws(ReferencingText.Missing) in try values.filled(text) }
        let text: String?
        if let place {
            switch variables(of: place) {
            case .success(let variables): text = variables[name]
            case .failure(let error):
                return CheckResult(
                    setting.level == .optional ? .warn : .fail, error.description, hint: error.hint)
            }
        } else {
            text = values.service(name)
        }
        guard let text, !text.isEmpty else {
            let evidence = "not set" + (place.map { " in \($0)" } ?? "")
            return setting.level == .optional
                ? CheckResult(
                    .warn, evidence + "; the API answers 503 to what needs it",
                    hint: "set \(name), or leave that switched off")
                : CheckResult(.fail, evidence, hint: "set \(name)\(place.map { " in \($0)" } ?? "")")
        }
        if let problem = Self.problem(of: text, setting) {
            return CheckResult(.fail, problem.what, hint: problem.hint)
        }
        if let expect = try setting.expect.map({ text throws(ReferencingText.Missing) in
            try values.filled(text)
        }),
            let pattern = Pattern(expect), !pattern.matches(text)
        {
            let shown = SecretName.holds(name) ? "a secret that" : "“\(Self.withoutPassword(text))”"
            return CheckResult(.fail, "\(shown) is not like \(expect)", hint: "correct \(name)")
        }
        let source = place ?? values.origin(name) ?? "environment"
        let isShown = setting.secretLength == nil && !SecretName.holds(name)
        return CheckResult(
            .pass,
            isShown
                ? "\(Self.withoutPassword(text)), from \(source)"
                : "\(EnglishList.count(text.count, "character")), from \(source)")
    }

    /// A value that may be a URL, without the password in it.
    private static func withoutPassword(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://"),
            case let authority = text[scheme.upperBound...].prefix(while: { !"/?#".contains($0) }),
            let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":")
        else { return text }
        return text[...colon] + SecretMask.mark + text[at...]
    }

    private mutating func variables(of path: String) -> Result<[String: String], SystemdError> {
        if let known = files[path] { return known }
        let read: Result<[String: String], SystemdError>
        do throws(SystemdError) {
            let text = try SecretFile.read(path: path)
            read = .success(
                Dictionary(EnvironmentFile.parse(text).map { ($0.name, $0.value) }) { _, last in last })
        } catch {
            read = .failure(error)
        }
        files[path] = read
        return read
    }

    /// Why a value cannot be the real one; nil when it can.
    private static func problem(of text: String, _ setting: Check.Setting) -> (what: String, hint: String)? {
        let value = Configuration.Value(text: text, source: "")
        let isOurs = [ValueName.token, Session.statusToken].contains(setting.name)
        if setting.secretLength == nil || isOurs, let problem = ValueRule.problem(setting.name, value) {
            return (problem.message, problem.hint)
        }
        guard let length = setting.secretLength else { return nil }
        let lower = text.lowercased()
        let marks = [
            "changeme", "change-me", "change_me", "placeholder", "your-", "your_", "xxxx", "example", "todo",
        ]
        if marks.contains(where: lower.hasPrefix) || lower.contains("<") || lower.contains("{{")
            || Set(text.unicodeScalars).count < 4
        {
            return ("it is still a placeholder", "write the real value of \(setting.name)")
        }
        guard text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
            return ("it holds a blank, an unprintable or a non-ASCII character", "copy it again")
        }
        guard text.utf8.count >= length else {
            return (
                "\(EnglishList.count(text.utf8.count, "character")); at least \(length) are needed",
                "make one with: openssl rand -hex 32"
            )
        }
        return nil
    }

    // MARK: Programs

    private func start(
        _ question: Check.ProgramQuestion
    ) throws(ReferencingText.Missing) -> Result<ProgramOutput, HostError> {
        var words = [try values.filled(question.name)]
        for argument in question.arguments { words.append(try values.filled(argument)) }
        do throws(HostError) {
            return .success(try ProgramOutput(words, within: Self.programLimit))
        } catch {
            return .failure(error)
        }
    }

    fileprivate static func result(
        of question: Check.ProgramQuestion, _ program: Result<ProgramOutput, HostError>,
        _ values: PreflightValues
    ) throws(ReferencingText.Missing) -> CheckResult {
        let name = try values.filled(question.name)
        let answer: (text: String, status: Int32)
        do throws(HostError) {
            answer = try program.get().finish()
        } catch {
            return CheckResult(
                .fail, error.message, hint: error.hint ?? "install \(name), or correct its path")
        }
        let line = answer.text.split(separator: "\n").first.map(String.init) ?? "no output"
        guard answer.status == 0 else {
            return CheckResult(
                .fail, "\(name) ended with \(answer.status): \(line)", hint: "run it by hand: \(name)")
        }
        if let expect = try question.expect.map({ text throws(ReferencingText.Missing) in
            try values.filled(text)
        }),
            let pattern = Pattern(expect), !pattern.matches(answer.text) && !pattern.matches(line)
        {
            return CheckResult(
                .fail, "\(name) says “\(line)”, which is not like \(expect)", hint: "upgrade \(name)")
        }
        if let least = question.versionMin {
            guard let version = Version(in: line), let bound = Version(in: least), version >= bound else {
                return CheckResult(
                    .fail, "\(name) says “\(line)”; \(least) or later is needed", hint: "upgrade \(name)")
            }
        }
        return CheckResult(.pass, line)
    }

    /// Numbers with points between them, the first that a text has.
    private struct Version: Comparable {
        var numbers: [Int]

        init?(in text: String) {
            let start = text.firstIndex { $0.isASCII && $0.isNumber }
            let word = start.map { text[$0...].prefix { $0 == "." || $0.isASCII && $0.isNumber } } ?? ""
            numbers = word.split(separator: ".").compactMap { Int($0) }
            if numbers.isEmpty { return nil }
        }

        static func < (left: Version, right: Version) -> Bool {
            left.numbers.lexicographicallyPrecedes(right.numbers)
        }
    }

    // MARK: Files

    private func result(of question: Check.FileQuestion) throws(ReferencingText.Missing) -> CheckResult {
        let path = try values.filled(question.path)
        guard let file = FileFacts.newest(matching: path) else {
            return CheckResult(
                .fail, "there is no file \(path)", hint: "does what writes it run, and into this place?")
        }
        let age = max(now - Instant(seconds: file.writtenAt), .zero)
        let evidence = "\(file.path), \(Self.size(file.size)), \(TimeText.rough(age)) old"
        if let most = question.ageMax, age > most {
            return CheckResult(
                .fail, evidence + "; at most \(TimeText.rough(most))",
                hint: "look why no newer one was written")
        }
        if let least = question.sizeMin, file.size < least {
            return CheckResult(
                .fail, evidence + "; at least \(Self.size(least))", hint: "look why it is so small")
        }
        if let most = question.sizeMax, file.size > most {
            return CheckResult(
                .fail, evidence + "; at most \(Self.size(most))", hint: "look why it is so large")
        }
        return CheckResult(.pass, evidence)
    }

    private static func size(_ bytes: Int) -> String {
        switch bytes {
        case ..<10_240: "\(bytes) bytes"
        case ..<(10 << 20): "\(bytes >> 10) KiB"
        case ..<(10 << 30): "\(bytes >> 20) MiB"
        default: "\(bytes >> 30) GiB"
        }
    }
}

extension ReferencingText.Missing {
    /// What a check comes to whose text refers to nothing.
    var result: CheckResult {
        CheckResult(.fail, "\(name) is not set", hint: "set it in the list, or in the environment")
    }
}

/// Programs that were started, each waited for once.
final class RunningPrograms: Sendable {
    private let state: Mutex<(running: [LocalChecks.Running], results: [String: CheckResult])>

    init(_ running: [LocalChecks.Running]) {
        state = Mutex((running, [:]))
    }

    /// What they came to; waits for those that were not waited for.
    func results(_ values: PreflightValues) -> [String: CheckResult] {
        state.withLock { state in
            for one in state.running {
                do throws(ReferencingText.Missing) {
                    state.results[one.check.id] = try LocalChecks.result(
                        of: one.question, one.program, values)
                } catch {
                    state.results[one.check.id] = error.result
                }
            }
            state.running = []
            return state.results
        }
    }
}
