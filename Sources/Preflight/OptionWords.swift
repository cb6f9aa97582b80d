import CivilTime
import JobCatalog

/// The `name=value` words of a check, each taken once; what nobody takes is a mistake.
struct OptionWords {
    private struct Option {
        var name: String
        var value: String
        var columns: Range<Int>
    }

    private var options: [Option] = []
    /// What the variables of the list say, for options that are understood when the list is read.
    private var variable: (String) -> String? = { _ in nil }
    /// What was asked for, to guess what was meant.
    private var known: [String] = []

    /// None.
    init() {}

    init(
        _ words: ArraySlice<LineScanner.Word>, variable: @escaping (String) -> String?
    ) throws(PreflightList.Problem) {
        self.variable = variable
        for word in words {
            let (name, value, columns) = try PreflightList.split(word)
            options.append(Option(name: name, value: value, columns: columns))
        }
    }

    private mutating func take(_ name: String) throws(PreflightList.Problem) -> Option? {
        let found = takeAll(name)
        guard found.count <= 1 else {
            throw PreflightList.Problem(
                columns: found[1].columns, code: "repeated", message: "the option \(name) is repeated",
                hint: "keep one")
        }
        return found.first
    }

    /// An option with what the variables of the list say in the place of its references.
    private mutating func takeFilled(_ name: String) throws(PreflightList.Problem) -> Option? {
        guard var option = try take(name) else { return nil }
        let text = try PreflightList.text(option.value, option.columns)
        do throws(ReferencingText.Missing) {
            option.value = try text.filled(variable)
        } catch {
            throw Self.problem(
                option, "\(error.name) is not a variable of this list", "set it above: \(error.name)=…")
        }
        return option
    }

    private mutating func takeAll(_ name: String) -> [Option] {
        known.append(name)
        let found = options.filter { $0.name == name }
        options.removeAll { $0.name == name }
        return found
    }

    mutating func text(_ name: String) throws(PreflightList.Problem) -> String? { try take(name)?.value }

    mutating func reference(_ name: String) throws(PreflightList.Problem) -> ReferencingText? {
        guard let option = try take(name) else { return nil }
        return try PreflightList.text(option.value, option.columns)
    }

    /// A pattern, which is checked as far as it has no reference in it.
    mutating func pattern(_ name: String) throws(PreflightList.Problem) -> ReferencingText? {
        guard let option = try take(name) else { return nil }
        let text = try PreflightList.text(option.value, option.columns)
        guard !text.names.isEmpty || Pattern(option.value) != nil else {
            throw Self.problem(
                option, "a number is missing after the comparison", "write it like \(name)=<=10")
        }
        return text
    }

    mutating func references(_ name: String) throws(PreflightList.Problem) -> [ReferencingText] {
        var texts: [ReferencingText] = []
        for option in takeAll(name) { texts.append(try PreflightList.text(option.value, option.columns)) }
        return texts
    }

    mutating func word<Word: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ type: Word.Type
    ) throws(PreflightList.Problem) -> Word? {
        guard let option = try takeFilled(name) else { return nil }
        guard let word = Word(rawValue: option.value) else {
            throw Self.problem(
                option, "“\(option.value)” is not a value of \(name)",
                "write one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return word
    }

    mutating func number(_ name: String, in bounds: ClosedRange<Int>) throws(PreflightList.Problem) -> Int? {
        guard let option = try takeFilled(name) else { return nil }
        guard let number = Int(option.value), bounds.contains(number) else {
            throw Self.problem(
                option, "\(name) is not a number from \(bounds.lowerBound) to \(bounds.upperBound)",
                "write it like \(name)=\(bounds.lowerBound)")
        }
        return number
    }

    mutating func duration(_ name: String) throws(PreflightList.Problem) -> Duration? {
        guard let option = try takeFilled(name) else { return nil }
        do throws(DurationError) {
            return try DurationText.parse(option.value)
        } catch {
            throw Self.problem(option, "\(name): \(error)", error.hint)
        }
    }

    /// A number of bytes: `1M`, `200k`, `5G`, powers of 1024.
    mutating func size(_ name: String) throws(PreflightList.Problem) -> Int? {
        guard let option = try takeFilled(name) else { return nil }
        let units: [Character: Int] = ["k": 1 << 10, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        let unit = option.value.last.flatMap { units[$0] }
        let digits = unit == nil ? option.value[...] : option.value.dropLast()
        guard let number = Int(digits), 0...(1 << 30) ~= number else {
            throw Self.problem(option, "\(name) is not a size", "write it like \(name)=1M")
        }
        return number * (unit ?? 1)
    }

    mutating func statuses(_ name: String) throws(PreflightList.Problem) -> StatusSet? {
        guard let option = try takeFilled(name) else { return nil }
        guard let statuses = StatusSet(option.value) else {
            throw Self.problem(
                option, "“\(option.value)” is not a set of statuses", "write it like \(name)=200,204")
        }
        return statuses
    }

    /// `name: PATTERN` of header fields.
    mutating func fields(_ name: String) throws(PreflightList.Problem) -> [Check.FieldRule] {
        var rules: [Check.FieldRule] = []
        for option in takeAll(name) {
            guard let colon = option.value.firstIndex(of: ":"), colon > option.value.startIndex else {
                throw Self.problem(
                    option, "\(name) is not a header field and what it is to be",
                    "write it like \(name)=\"location: https://*\"")
            }
            let rest = option.value[option.value.index(after: colon)...].drop { $0 == " " }
            rules.append(
                Check.FieldRule(
                    name: option.value[..<colon].lowercased(),
                    pattern: try PreflightList.text(String(rest), option.columns)))
        }
        return rules
    }

    /// `$.path==VALUE` of a JSON document; without a comparison, that it is there.
    mutating func json(_ name: String) throws(PreflightList.Problem) -> [Check.JSONRule] {
        var rules: [Check.JSONRule] = []
        for option in takeAll(name) {
            let end = option.value.firstIndex { "=!<>".contains($0) } ?? option.value.endIndex
            let path = try PreflightList.text(String(option.value[..<end]), option.columns)
            guard !path.names.isEmpty || Check.JSONRule.parts(of: path.literal) != nil else {
                throw Self.problem(
                    option, "\(name) is not a path in a JSON document",
                    "write it like \(name)=\"$.status==pass\"")
            }
            var rule = Check.JSONRule(path: path)
            if end < option.value.endIndex {
                let comparison = option.value[end...]
                let spelled = comparison.hasPrefix("==") ? comparison.dropFirst(2) : comparison
                guard !spelled.hasPrefix("="), ReferencingText(String(spelled)) != nil,
                    spelled.contains("${") || Pattern(String(spelled)) != nil
                else {
                    throw Self.problem(
                        option, "\(name) compares with nothing that can be compared",
                        "write ==, !=, <=, >=, < or > and a value")
                }
                rule.pattern = try PreflightList.text(String(spelled), option.columns)
            }
            rules.append(rule)
        }
        return rules
    }

    /// Nothing may be left.
    func end() throws(PreflightList.Problem) {
        guard let option = options.first else { return }
        let near = Spelling.nearest(to: option.name, in: known)
        let names = Array(Set(known)).sorted().joined(separator: ", ")
        throw PreflightList.Problem(
            columns: option.columns.lowerBound..<option.columns.lowerBound + max(option.name.utf8.count, 1),
            code: "unknown-option", message: "no option of this check is called “\(option.name)”",
            hint: near.map { "did you mean \($0)=?" } ?? "options are \(names)")
    }

    private static func problem(_ option: Option, _ message: String, _ hint: String) -> PreflightList.Problem
    {
        PreflightList.Problem(columns: option.columns, code: "option-value", message: message, hint: hint)
    }
}
