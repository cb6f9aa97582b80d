package import CivilTime

extension Outcome {
    /// The outcome as the end of “the last run …”.
    package var phrase: String {
        switch self {
        case .succeeded: "succeeded"
        case .declined: "was declined"
        case .failed: "failed"
        case .timedOut: "timed out"
        case .unknown: "has an unknown outcome"
        case .skipped: "was skipped"
        case .missed: "was missed"
        }
    }
}

extension RunRecord {
    /// What became of it, in one sentence that needs nothing beside it:
    /// `purge succeeded 200 in 4.1 s (schedule, due 00:10:00Z, run 9d021f29)`.
    package var sentence: String {
        var text = "\(job) \(outcome?.phrase ?? state.rawValue)"
        if occurrences > 1, let outcome {
            text = "\(occurrences) occurrences of \(job) were \(outcome.rawValue)"
        }
        if outcome == .succeeded {
            if let httpStatus { text += " \(httpStatus)" }
            if let startedAt, let finishedAt { text += " in " + ElapsedText.of(finishedAt - startedAt) }
        } else if let reason = detail ?? reason?.rawValue {
            text += ": " + reason
        }
        return text + " (" + circumstances.joined(separator: ", ") + ")"
    }

    private var circumstances: [String] {
        var facts = [String]()
        switch trigger {
        case .schedule: facts.append("schedule")
        case .catchUp: facts.append("run late")
        case .manual: facts.append("by hand" + (requestedBy.map { ", \($0)" } ?? ""))
        }
        if isDryRun { facts.append("dry run") }
        if let scheduledFor {
            facts.append(
                scheduledUntil.map { "due " + Self.dueText(scheduledFor, $0) }
                    ?? "due " + Self.time(scheduledFor, beside: finishedAt ?? createdAt))
        }
        return facts + ["run " + id.description.prefix(8)]
    }

    /// The occurrences from one instant to another, which may be the same, to the second.
    package static func dueText(_ first: Instant, _ last: Instant) -> String {
        let end = time(last, beside: last)
        return first == last ? end : time(first, beside: last) + " to " + end
    }

    /// The instant to the second, without its date on the day of what stands beside it.
    private static func time(_ instant: Instant, beside other: Instant) -> String {
        let text = Instant(seconds: instant.seconds).rfc3339
        let isSameDay =
            instant != other && text.prefix(10) == Instant(seconds: other.seconds).rfc3339.prefix(10)
        return isSameDay ? String(text.dropFirst(11)) : text
    }
}
