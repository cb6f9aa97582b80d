import CivilTime
import RequestText
import Scheduling

extension Job {
    /// All that decides what the job does, each fact with its name, in a fixed order and a form of its own.
    ///
    /// The identity of definitions is made of it, so a change of this form makes every job look changed once.
    var normalForm: [String] {
        let request = request
        var facts = scheduleFacts
        facts.append("method=" + request.method)
        facts.append("url=" + request.url.description)
        facts += request.headers.map { "header=\($0.name): \($0.value)" }
        facts += request.body.map { ["body=" + $0.description] } ?? []
        facts += sharedPolicy.facts
        facts.append(isEnabled ? "enabled=yes" : "enabled=no")
        return facts
    }

    var scheduleFacts: [String] {
        guard let schedule else { return [] }
        switch schedule.rule {
        case .cron(let expression): return ["cron=\(expression)", "tz=" + schedule.zone.name]
        case .triggers(let triggers):
            return triggers.map(\.normalForm) + schedule.events.map(\.normalForm) + [
                "tz=" + schedule.zone.name
            ]
        }
    }

    /// The job as a line of a `.cron` file without settings; nil when no line can say it.
    ///
    /// Reading the line gives the same job again. A schedule of task triggers has no such form, nor has a request to
    /// the API without the job token.
    package var cronLine: String? {
        guard case .cron(let expression)? = schedule?.rule else { return nil }
        let request = request
        var headers = request.headers
        var options: [String] = []
        if let identity = headers.first?.identityOption {
            options.append(identity)
            headers.removeFirst()
        }
        if request.url.parts.first == .reference(ValueName.baseURL) {
            if headers.first?.isJobToken == true {
                headers.removeFirst()
            } else if !headers.contains(where: { $0.name.lowercased() == "x-job-token" }) {
                return nil
            }
        }
        options += sharedPolicy.words
        if let zone = schedule?.zone.name, zone != "UTC" { options.append("tz=" + zone) }
        options += headers.map { "header=\($0.name): \($0.value)" }
        options += request.body.map { ["body=" + $0.description] } ?? []
        if !isEnabled { options.append("enabled=no") }
        let words = [request.method, target] + options
        return "\(expression)  \(name):  " + words.map(LineScanner.quoted).joined(separator: " ")
    }

    /// The URL as a line has it: a path for the API's own.
    private var target: String {
        let rest = TemplateText(Array(request.url.parts.dropFirst())).description
        let isPath = request.url.parts.first == .reference(ValueName.baseURL) && rest.hasPrefix("/")
        return isPath ? rest : request.url.description
    }
}

extension Policy {
    /// Each rule that is set, by the name of its option and in a fixed order.
    package var facts: [(name: String, value: String)] {
        options.map { ($0.option.rawValue, $0.value) }
    }

    /// Each rule that is set, as the option that states it, in a fixed order.
    var options: [(option: JobOption, value: String)] {
        let bounds = [backoff.lowerBound, backoff.upperBound].map(DurationText.compact)
        let all: [(JobOption, String?)] = [
            (.accept, accept.description),
            (.decline, decline == .none ? nil : decline.description),
            (.retry, String(retries)),
            (.retryOn, retryOn == .any ? nil : retryOn.rawValue),
            (.backoff, bounds[0] == bounds[1] ? bounds[0] : bounds.joined(separator: "..")),
            (.timeout, DurationText.compact(timeout)),
            (.deadline, deadline.map(DurationText.compact)),
            (.overlap, overlap.rawValue),
            (.catchUp, catchUp.rawValue),
            (.catchUpWindow, DurationText.compact(catchUpWindow)),
            (.jitter, DurationText.compact(jitter)),
            (.onDemand, allowsOnDemand ? nil : "no"),
            (.overdueAfter, overdueAfter.map(DurationText.compact)),
        ]
        return all.compactMap { option, value in value.map { (option, $0) } }
    }
}

extension RequestTemplate.Header {
    /// `as=…`, when that is what the header says.
    fileprivate var identityOption: String? {
        guard name == "X-User-ID", value.parts.count == 1 else { return nil }
        return switch value.parts[0] {
        case .reference(ValueName.admin): "as=admin"
        case .reference(ValueName.superadmin): "as=superadmin"
        case .literal(let text) where UUIDText.isUUID(text): "as=" + text
        case .reference, .literal: nil
        }
    }

    /// Whether it is the header that every request to the API gets by itself.
    fileprivate var isJobToken: Bool {
        name == "X-Job-Token" && value.parts == [.reference(ValueName.token)]
    }
}

extension TaskTrigger {
    /// All that decides when it is due, in a form of its own.
    fileprivate var normalForm: String {
        var facts = ["trigger " + start.normalForm, Self.text(recurrence)]
        if let end { facts.append("end " + end.normalForm) }
        facts += repetition?.normalForm ?? []
        facts.append("delay " + DurationText.compact(randomDelay))
        if !isEnabled { facts.append("off") }
        return facts.joined(separator: "; ")
    }

    private static func text(_ recurrence: Recurrence) -> String {
        switch recurrence {
        case .once: "once"
        case .daily(let interval): "daily \(interval)"
        case .weekly(let interval, let weekdays): "weekly \(interval) on \(weekdays.bits)"
        case .monthly(let days, let lastDay, let months):
            "monthly on \(days.bits)\(lastDay ? " and the last" : "") in \(months.bits)"
        case .monthlyWeekday(let weeks, let lastWeek, let weekdays, let months):
            "monthly in weeks \(weeks.bits)\(lastWeek ? " and the last" : "") on \(weekdays.bits) in \(months.bits)"
        }
    }
}

extension EventTrigger {
    /// All that decides when it is due, in a form of its own.
    fileprivate var normalForm: String {
        var facts = ["event \(event.rawValue)", "after " + DurationText.compact(delay)]
        if let start { facts.append("start " + start.normalForm) }
        if let end { facts.append("end " + end.normalForm) }
        return (facts + (repetition?.normalForm ?? [])).joined(separator: "; ")
    }
}

extension TaskTrigger.Boundary {
    fileprivate var normalForm: String {
        switch self {
        case .local(let time): time.description
        case .fixed(let time, let offset): "\(time) offset \(offset)"
        }
    }
}

extension TaskTrigger.Repetition {
    fileprivate var normalForm: [String] {
        var facts = ["every " + DurationText.compact(interval)]
        if let duration { facts.append("for " + DurationText.compact(duration)) }
        if stopAtDurationEnd { facts.append("stop") }
        return facts
    }
}
