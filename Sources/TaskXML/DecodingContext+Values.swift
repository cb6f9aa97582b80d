import CivilTime
import RequestText
import Scheduling

extension DecodingContext {
    /// Who fills in the variables of a text.
    enum Expansion {
        /// Nobody: only placeholders stand for something.
        case none
        /// Task Scheduler, which knows `%NAME%` and takes `$env:NAME` for plain text.
        case taskScheduler
    }

    /// The value that a text is once placeholders and variables are taken for what they stand for.
    mutating func value(of text: MappedText, expansion: Expansion) -> TemplateText {
        var value = TemplateText()
        var plainStart = 0
        var index = 0
        while index < text.count {
            guard let form = ValueForm(in: text, at: index), form.kind == .placeholder || expansion != .none
            else {
                index += 1
                continue
            }
            value.append(.literal(text[plainStart..<index].string))
            value.append(part(for: form, at: text.offset(at: index)))
            index += form.length
            plainStart = index
        }
        value.append(.literal(text[plainStart..<text.count].string))
        return value
    }

    /// The text with its placeholders filled in; those without a value stay as `${NAME}`.
    mutating func filled(_ text: MappedText) -> String {
        guard text.count <= TaskLimits.textBytesMax else {
            report(
                .limit,
                "the text of an element has \(text.count) bytes, more than \(TaskLimits.textBytesMax)",
                at: text.offset(at: 0))
            return ""
        }
        return value(of: text.trimmed, expansion: .none).parts.map { part in
            switch part {
            case .literal(let literal): literal
            case .reference(let name): "${\(name)}"
            }
        }.joined()
    }

    /// What a form stands for outside PowerShell.
    mutating func part(for form: ValueForm, at offset: Int) -> TemplateText.Part {
        switch form.kind {
        case .windowsEnvironment:
            // Names of environment variables know no case on Windows.
            return .reference(form.name.uppercased())
        case .powerShellEnvironment:
            report(
                .literalEnvironmentToken,
                "$env:\(form.name) is PowerShell's way to name a variable, and no PowerShell reads this:"
                    + " Windows sends these \(form.length) characters; read as a reference to \(form.name)",
                hint: "write %\(form.name)%, or keep the header in a file (curl -H @FILE)", at: offset)
            return .reference(form.name.uppercased())
        case .taskVariable:
            report(
                .taskVariable,
                "$(\(form.name)) is filled in by Task Scheduler when a person or an event starts the task,"
                    + " and by nobody here", hint: "write the value", at: offset)
            return .reference(form.name)
        case .placeholder:
            if SecretName.holds(form.name) { return .reference(form.name) }
            if let filling = lookup(form.name) { return .literal(filling) }
            report(
                .missingPlaceholder, "the placeholder \(form.name) has no value",
                hint: "set \(form.name) in the environment of the daemon, or write the value into the file",
                at: offset)
            return .reference(form.name)
        }
    }

    /// `true` or `false`; anything else is reported, and nil. The note is the one of the value.
    mutating func boolean(
        _ element: XMLElement, path: String, _ ruling: TaskVerdict.Ruling = .honoured,
        whenTrue: String = "", whenFalse: String = ""
    ) -> Bool? {
        let text = filled(element.text)
        switch text {
        case "true", "1":
            rule(ruling, whenTrue, path: path, at: element)
            return true
        case "false", "0":
            rule(ruling, whenFalse, path: path, at: element)
            return false
        default:
            invalid(
                element, path, text, "neither true nor false", hint: "Task Scheduler takes lower case only")
            return nil
        }
    }

    /// A number in `range`; anything else is reported, and nil.
    mutating func integer(_ element: XMLElement, path: String, in range: ClosedRange<Int>) -> Int? {
        let text = filled(element.text)
        guard let number = Int(text), range.contains(number) else {
            invalid(element, path, text, "not a number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        rule(.honoured, path: path, at: element)
        return number
    }

    /// A duration in `range`; anything else is reported, and nil. Months are taken for 30 days, with a
    /// warning.
    mutating func duration(
        _ element: XMLElement, path: String, in range: PartialRangeFrom<Duration> = Duration.zero...,
        atMost: Duration? = nil,
        _ ruling: TaskVerdict.Ruling = .honoured, _ note: String = ""
    ) -> Duration? {
        let text = filled(element.text)
        guard let period = Self.period(text) else {
            invalid(element, path, text, "not a duration such as PT10M or P1DT2H")
            return nil
        }
        let length = period.time + .seconds(period.months * 30 * 86400)
        if !range.contains(length) {
            invalid(element, path, text, "shorter than \(DurationText.iso8601(range.lowerBound))")
            return nil
        }
        if let atMost, length > atMost {
            invalid(element, path, text, "longer than \(DurationText.iso8601(atMost))")
            return nil
        }
        rule(ruling, note, path: path, at: element)
        if period.months > 0 {
            report(
                .calendarDuration,
                "<\(element.name)> counts in months or years, which differ in length; each month is"
                    + " taken for 30 days", hint: "write days, as in P30D", at: element.text.offset(at: 0))
        }
        return length
    }

    /// The duration that a text is, by the strict rules of XML Schema; years and months are allowed.
    private static func period(_ text: String) -> CivilPeriod? {
        // The reader of schedule files also takes small letters and weeks, which XML Schema does not have.
        guard text == text.uppercased(), text.hasPrefix("P"), !text.contains("W") else { return nil }
        // What is wrong is said by the caller, in the words of the format.
        return try? DurationText.parsePeriod(text)
    }

    /// A date and time; anything else is reported, and nil.
    mutating func boundary(_ element: XMLElement, path: String) -> TaskTrigger.Boundary? {
        let text = filled(element.text)
        do {
            let boundary = try TaskTrigger.Boundary(parsing: text)
            rule(.honoured, path: path, at: element)
            return boundary
        } catch {
            invalid(
                element, path, text, "not a date and time such as 2026-01-01T00:10:00Z", hint: error.hint)
            return nil
        }
    }

    mutating func invalid(
        _ element: XMLElement, _ path: String, _ text: String, _ why: String, hint: String? = nil
    ) {
        rule(.refused, why, path: path, at: element)
        report(
            .invalidValue, "<\(element.name)> is \(Self.excerpt(text)), \(why)", hint: hint,
            at: element.text.trimmed.offset(at: 0))
    }

    /// The beginning of a text in quotes, without control characters.
    static func excerpt(_ text: String) -> String {
        if text.isEmpty { return "empty" }
        let shown = text.unicodeScalars.prefix(40).map {
            $0.properties.generalCategory == .control ? "?" : String($0)
        }
        return "\"" + shown.joined() + (text.unicodeScalars.count > 40 ? "…" : "") + "\""
    }
}
