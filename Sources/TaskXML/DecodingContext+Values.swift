import CivilTime
import CommandRequests
import RequestText
import Scheduling

extension DecodingContext {
    /// The text with its placeholders filled in; those without a value stay as `${NAME}`.
    mutating func filled(_ text: MappedText) -> String {
        guard text.count <= TaskLimits.textBytesMax else {
            report(
                .limit,
                "the text of an element has \(text.count) bytes, more than \(TaskLimits.textBytesMax)",
                at: text.offset(at: 0))
            return ""
        }
        return read { $0.value(of: text.trimmed, expansion: .none) }.parts.map { part in
            switch part {
            case .literal(let literal): literal
            case .reference(let name): "${\(name)}"
            }
        }.joined()
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
            .invalidValue, "<\(element.name)> is \(CommandReading.excerpt(text)), \(why)", hint: hint,
            at: element.text.trimmed.offset(at: 0))
    }
}
