package import CivilTime
import RunModel
import Scheduling

/// Reads a `.cron` file: settings, comments, and one job a line.
///
///     CRON_TZ=UTC
///     10 0 * * *  purge:  POST /api/cron/purge_old  as=admin accept=200,204
///
/// Reading goes on after an error, so that all problems of a file are found at once.
package struct ScheduleFile: Sendable {
    /// The jobs of the lines without an error, in their order.
    package private(set) var jobs: [Job] = []
    /// All that was found, in the order of the lines.
    package private(set) var diagnostics: [Diagnostic] = []

    private let file: String
    private let zones: any ZoneSource
    private let now: Instant
    private var parts: SharedParts
    private var defaults = JobOptions()
    private var lines: [ArraySlice<UInt8>] = []
    private var line = ""
    private var lineNumber = 0
    /// The lines that may not be shown as they are, as they may be shown.
    private var maskedLines: [Int: String] = [:]

    /// The largest file: a line of 100 characters for each of 100,000 jobs.
    package static let bytesMax = 10 * 1024 * 1024
    /// The longest line, in bytes.
    package static let lineBytesMax = 16 * 1024

    /// Reads `bytes`; `file` is the name for diagnostics, `zones` finds time zones, and a schedule that is
    /// over at `now` is a warning.
    package init(_ bytes: [UInt8], file: String, zones: any ZoneSource, now: Instant) {
        var parts = SharedParts()
        self.init(bytes, file: file, zones: zones, now: now, parts: &parts)
    }

    /// The same, with jobs that have what they can of `parts`, which other files' jobs have.
    package init(
        _ bytes: [UInt8], file: String, zones: any ZoneSource, now: Instant, parts: inout SharedParts
    ) {
        self.parts = parts
        // Both are not kept at once, so that nothing is copied.
        parts = SharedParts()
        defer {
            parts = self.parts
            self.parts = SharedParts()
        }
        self.file = file
        self.zones = zones
        self.now = now
        guard bytes.count <= Self.bytesMax else {
            diagnostics.append(
                Diagnostic(
                    .error, at: SourceLocation(file: file, line: 1), code: "file-size",
                    "the file is larger than \(Self.bytesMax / 1024 / 1024) MiB", hint: "split it"))
            return
        }
        if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
            diagnostics.append(
                Diagnostic(
                    .error, at: SourceLocation(file: file, line: 1), code: "encoding", "the file is UTF-16",
                    hint: "save it as UTF-8"))
            return
        }
        lines = Self.lines(bytes)
        for index in lines.indices {
            lineNumber = index + 1
            read(lines[index])
        }
    }

    /// The line that defines a job of this file, without the secrets that stand in it; nil for another's job.
    ///
    /// No job keeps its line: it is only needed to show what is wrong with it.
    package func sourceLine(of job: Job) -> String? {
        guard job.source.file == file, lines.indices.contains(job.source.line - 1) else { return nil }
        return maskedLines[job.source.line] ?? String(decoding: lines[job.source.line - 1], as: UTF8.self)
    }

    private mutating func read(_ lineBytes: ArraySlice<UInt8>) {
        let before = diagnostics.count
        guard lineBytes.count <= Self.lineBytesMax else {
            diagnostics.append(
                Diagnostic(
                    .error, at: SourceLocation(file: file, line: lineNumber), code: "line-length",
                    "the line has \(lineBytes.count) bytes; at most \(Self.lineBytesMax) are read",
                    hint: "is this a schedule file?"))
            return
        }
        line = String(decoding: lineBytes, as: UTF8.self)
        if let control = lineBytes.firstIndex(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }) {
            let column = control - lineBytes.startIndex
            report(
                column..<column + 1, code: "control-character",
                "a control character (\(Self.hexadecimal(lineBytes[control])))", hint: "take it out")
        } else if let bad = Self.firstInvalid(lineBytes) {
            report(
                bad..<bad + 1, code: "encoding",
                "the byte \(Self.hexadecimal(lineBytes[lineBytes.startIndex + bad])) is not UTF-8 text",
                hint: "save the file as UTF-8")
        } else {
            _ = checked { file throws(Problem) in try file.readLine() }
        }
        if diagnostics[before...].contains(where: { $0.severity == .error }) {
            hide(Self.likelySecrets(in: line))
        }
    }

    /// What is wrong with a line.
    typealias Problem = LineProblem

    /// What `read` reads; a problem is reported and reading goes on.
    private mutating func checked<Value>(_ read: (inout ScheduleFile) throws(Problem) -> Value) -> Value? {
        do throws(Problem) {
            return try read(&self)
        } catch {
            report(error.columns, code: error.code, error.message, hint: error.hint)
            return nil
        }
    }

    private mutating func report(_ columns: Range<Int>, code: String, _ message: String, hint: String? = nil)
    {
        report(.error, columns, code: code, message, hint: hint)
    }

    private mutating func report(
        _ severity: Diagnostic.Severity, _ columns: Range<Int>, code: String, _ message: String, hint: String?
    ) {
        diagnostics.append(
            Diagnostic(
                severity, at: SourceLocation(file: file, line: lineNumber, column: columns.lowerBound + 1),
                width: columns.count, code: code, message, hint: hint, sourceLine: line))
    }

    private mutating func readLine() throws(Problem) {
        let words = try LineScanner.words(of: line)
        guard let first = words.first else { return }
        if let job = words.firstIndex(where: { $0.text.hasSuffix(":") }) {
            readJob(words, nameAt: job)
        } else if first.text.contains("=") {
            for word in words { _ = checked { file throws(Problem) in try file.readSetting(word) } }
        } else {
            throw Problem(
                columns: first.columns.lowerBound..<(words.last ?? first).columns.upperBound, code: "no-job",
                message: "no job: a name that ends with a colon is missing after the schedule",
                hint: "write it like: 10 0 * * *  purge:  POST /api/cron/purge_old  as=admin")
        }
    }

    /// `CRON_TZ=Europe/Berlin`, or an option that becomes the default of the lines below.
    private mutating func readSetting(_ word: LineScanner.Word) throws(Problem) {
        let (name, value, columns) = try split(word)
        if name == "CRON_TZ" || name == "TZ" {
            _ = try zone(value, columns)
            defaults.timeZone = value
        } else if let option = JobOption(rawValue: name), option.isDefaultable {
            try apply(option, value, columns, to: &defaults)
        } else {
            let isOption = JobOption(rawValue: name) != nil
            throw Problem(
                columns: word.columns.lowerBound..<word.columns.lowerBound + max(name.utf8.count, 1),
                code: "unknown-setting",
                message: isOption ? "\(name) is for one job alone" : "no setting is called “\(name)”",
                hint: isOption ? "write it among the job's options" : Self.settingHint(name))
        }
    }

    private static func settingHint(_ name: String) -> String {
        if ["SHELL", "PATH", "MAILTO", "HOME", "LOGNAME"].contains(name) {
            return "Almanac starts no commands and sends no mail; take the line out"
        }
        let known = ["CRON_TZ"] + JobOption.allCases.filter(\.isDefaultable).map(\.rawValue)
        if let near = Spelling.nearest(to: name, in: known) { return "did you mean \(near)?" }
        return "settings are " + known.joined(separator: ", ")
    }

    /// Reads each part of a job's line, so that the problems of all are found; the job needs every one.
    private mutating func readJob(_ words: [LineScanner.Word], nameAt index: Int) {
        let nameWord = words[index]
        let name = checked { _ throws(Problem) in try Self.name(nameWord) }
        let schedule = checked { file throws(Problem) in try file.expression(words[..<index], nameWord) }
        let action = checked { file throws(Problem) in try file.action(words[(index + 1)...], nameWord) }
        let options = readOptions(words.dropFirst(index + 3))
        guard let name, let schedule, let action, let options else { return }
        guard
            let schedule = checked({ file throws(Problem) in
                try file.schedule(schedule.expression, schedule.columns, name, options)
            })
        else { return }
        let job = Job(
            name: name, schedule: schedule, request: RequestTemplate(action, options), policy: options.policy,
            isEnabled: options.isEnabled,
            source: SourceLocation(file: file, line: lineNumber, column: nameWord.columns.lowerBound + 1),
            parts: &parts)
        let secrets = Self.clearSecrets(of: job, in: words[(index + 2)...])
        if !secrets.isEmpty { mask(secrets) }
        jobs.append(job)
        for found in job.contradictions(from: now) {
            let word = words.first { $0.text.hasPrefix(found.option + "=") } ?? nameWord
            report(.warning, word.columns, code: found.code, found.message, hint: found.hint)
        }
    }

    /// Tells of secrets in the line, and shows them nowhere.
    private mutating func mask(_ secrets: [ClearSecret]) {
        hide(secrets.map(\.columns))
        maskedLines[lineNumber] = line
        for secret in secrets {
            report(.warning, secret.columns, code: "secret-in-clear", secret.message, hint: secret.hint)
        }
    }

    /// Shows these columns of the line in nothing that is said of it.
    private mutating func hide(_ columns: [Range<Int>]) {
        line = Self.masked(line, columns)
        for index in diagnostics.indices.reversed() {
            guard diagnostics[index].location.line == lineNumber else { return }
            diagnostics[index].sourceLine = line
            if columns.contains(where: diagnostics[index].columns.overlaps) {
                diagnostics[index].message = diagnostics[index].withoutQuotations
            }
        }
    }

    private static func name(_ word: LineScanner.Word) throws(Problem) -> JobName {
        if let name = JobName(word.text.dropLast()) { return name }
        throw Problem(
            columns: word.columns, code: "job-name",
            message: "“\(word.text.dropLast())” is no name for a job",
            hint:
                "use lower-case letters, digits, “.”, “_” and “-”, at most \(JobName.lengthMax), like purge-daily"
        )
    }

    private func expression(
        _ words: ArraySlice<LineScanner.Word>, _ name: LineScanner.Word
    ) throws(Problem) -> (expression: CronExpression, columns: Range<Int>) {
        guard let first = words.first, let last = words.last else {
            throw Problem(
                columns: name.columns, code: "no-schedule",
                message: "the schedule before the job's name is missing",
                hint: "write when it is due first, like 10 0 * * *")
        }
        let columns = first.columns.lowerBound..<last.columns.upperBound
        let text = String(decoding: Array(line.utf8)[columns], as: UTF8.self)
        do {
            return (try CronExpression(parsing: text, seed: String(name.text.dropLast())), columns)
        } catch {
            let start = columns.lowerBound
            throw Problem(
                columns: start + error.columns.lowerBound..<start + error.columns.upperBound,
                code: "schedule", message: error.message, hint: error.hint)
        }
    }

    private mutating func schedule(
        _ expression: CronExpression, _ columns: Range<Int>, _ name: JobName, _ options: JobOptions
    ) throws(Problem) -> Schedule {
        let zone = try zone(options.timeZone ?? "UTC", columns)
        let schedule = Schedule(.cron(expression), zone: zone, key: name.description)
        switch schedule.outlook(after: now) {
        case .never:
            throw Problem(
                columns: columns, code: "never",
                message: "the schedule is never due: clocks in \(zone.name) skip its only times",
                hint: "correct the time, or write another zone with tz=")
        case .over(let last):
            if options.isEnabled {
                report(
                    .warning, columns, code: "over", "the schedule is over" + Schedule.lastWords(last),
                    hint: "remove the line, or correct the year")
            }
        case .open:
            for warning in schedule.warnings(from: now) {
                report(.warning, columns, code: warning.code.rawValue, warning.message, hint: nil)
            }
        }
        return schedule
    }

    /// The options over the defaults; nil when one of them has a problem.
    private mutating func readOptions(_ words: ArraySlice<LineScanner.Word>) -> JobOptions? {
        var options = defaults
        var seen: Set<String> = []
        var isGood = true
        for word in words {
            let read: Void? = checked { file throws(Problem) in
                try file.readOption(word, &seen, &options)
            }
            if read == nil { isGood = false }
        }
        guard isGood else { return nil }
        let columns =
            words.first.map { $0.columns.lowerBound..<(words.last ?? $0).columns.upperBound } ?? 0..<1
        if options.policy.accept.overlaps(options.policy.decline) {
            report(
                columns, code: "accept-decline", "a status is both accepted and declined",
                hint: "take it out of accept= or decline=; accept is \(options.policy.accept)")
            return nil
        }
        if options.identity != .none, options.headers.contains(where: { $0.name.lowercased() == "x-user-id" })
        {
            report(
                columns, code: "two-identities",
                "as= and the header X-User-ID both say who the request acts as",
                hint: "keep one of them")
            return nil
        }
        return options
    }

    private func readOption(
        _ word: LineScanner.Word, _ seen: inout Set<String>, _ options: inout JobOptions
    ) throws(Problem) {
        let (name, value, columns) = try split(word)
        let nameColumns = word.columns.lowerBound..<word.columns.lowerBound + max(name.utf8.count, 1)
        guard let option = JobOption(rawValue: name) else {
            let near = Spelling.nearest(to: name, in: JobOption.allCases.map(\.rawValue))
            throw Problem(
                columns: nameColumns, code: "unknown-option", message: "no option is called “\(name)”",
                hint: near.map { "did you mean \($0)=?" }
                    ?? "options are " + JobOption.allCases.map(\.rawValue).joined(separator: ", "))
        }
        guard option == .header || seen.insert(name).inserted else {
            throw Problem(
                columns: nameColumns, code: "repeated-option", message: "the option \(name) is repeated",
                hint: "keep one")
        }
        try apply(option, value, columns, to: &options)
    }

    private func apply(
        _ option: JobOption, _ value: String, _ columns: Range<Int>, to options: inout JobOptions
    ) throws(Problem) {
        do {
            try options.apply(option, value)
        } catch {
            throw Problem(columns: columns, code: "option-value", message: error.message, hint: error.hint)
        }
        if option == .timeZone { _ = try zone(value, columns) }
    }

    private func split(_ word: LineScanner.Word) throws(Problem) -> (
        name: String, value: String, columns: Range<Int>
    ) {
        guard let equals = word.text.firstIndex(of: "=") else {
            throw Problem(
                columns: word.columns, code: "option", message: "“\(word.text)” is no option",
                hint: "write name=value")
        }
        let name = String(word.text[..<equals])
        let start = min(word.columns.lowerBound + name.utf8.count + 1, word.columns.upperBound - 1)
        return (
            name, String(word.text[word.text.index(after: equals)...]),
            max(start, word.columns.lowerBound)..<word.columns.upperBound
        )
    }

    private func zone(_ name: String, _ columns: Range<Int>) throws(Problem) -> Zone {
        do {
            return try zones.zone(named: name)
        } catch {
            throw Problem(columns: columns, code: "time-zone", message: error.message, hint: error.hint)
        }
    }
}
