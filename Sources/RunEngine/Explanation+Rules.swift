import CivilTime
import JobCatalog
import RunModel

extension Explanation {
    /// The rule that made a row what it is; nil for a run that has not ended.
    static func rule(_ row: RunRecord, _ policy: Policy) -> Rule? {
        switch (row.outcome, row.reason) {
        case (nil, _): nil
        case (.succeeded, _):
            Rule(name: "accept=\(policy.accept)", sentence: "a status among these is a success")
        case (.declined, _):
            Rule(
                name: "decline=\(policy.decline)",
                sentence: "a status among these means “not now”: no failure, no success, no retry")
        case (.missed, let reason?): missed(reason, policy)
        case (.skipped, let reason?): skipped(reason, policy)
        case (_, let reason?): ended(reason, row, policy)
        case (_, nil): nil
        }
    }

    private static func missed(_ reason: Reason, _ policy: Policy) -> Rule {
        let catchUp = "catch-up=\(policy.catchUp.rawValue)"
        return switch reason {
        case .superseded:
            Rule(name: catchUp, sentence: "of those that nobody was there for only the last is made up for")
        case .window:
            Rule(
                name: "catch-up-window=\(DurationText.compact(policy.catchUpWindow))",
                sentence: "what was due longer ago is not made up for")
        case .cap:
            Rule(name: catchUp, sentence: "at most \(Policy.catchUpMax) are made up for, the newest")
        case .storeOutage:
            Rule(name: catchUp, sentence: "the store was away, and this is not made up for")
        default:
            Rule(name: catchUp, sentence: "what nobody was there for is recorded, and not made up for")
        }
    }

    private static func skipped(_ reason: Reason, _ policy: Policy) -> Rule {
        let overlap = "overlap=\(policy.overlap.rawValue)"
        return switch reason {
        case .overlap:
            Rule(name: overlap, sentence: "what falls due while a run of the job is live is skipped")
        case .storeOutage:
            Rule(name: overlap, sentence: "what falls due while earlier runs wait for the store is skipped")
        case .superseded:
            Rule(name: overlap, sentence: "one occurrence waits at most, and a later one takes its place")
        case .replaced: Rule(name: overlap, sentence: "a later occurrence replaces what has not ended")
        case .paused:
            Rule(
                name: "pause", sentence: "a paused job makes no run, and none is made up for when it goes on")
        case .deadline:
            Rule(
                name: "deadline=" + (policy.deadline.map(DurationText.compact) ?? "…"),
                sentence: "a start later than that after it was due is of no use")
        case .disabled:
            Rule(name: "enabled=no", sentence: "a job that is disabled or taken out starts nothing more")
        default: Rule(name: reason.rawValue, sentence: "no request was sent")
        }
    }

    /// The rule of a run that was made and did not end well.
    private static func ended(_ reason: Reason, _ row: RunRecord, _ policy: Policy) -> Rule {
        switch reason {
        case .status:
            let isRetried = row.httpStatus.map { policy.retries(after: $0) } ?? false
            return Rule(
                name: "accept=\(policy.accept)",
                sentence: "the status is neither accepted nor declined; "
                    + (isRetried ? attempts(row) : "after such an answer there is no other attempt"))
        case .token:
            return Rule(name: "401 and 403", sentence: "a refused token or user is not tried again")
        case .timeout:
            return Rule(
                name: "timeout=\(DurationText.compact(policy.timeout))",
                sentence: "the whole answer must come within it")
        case .connection where row.outcome == .unknown, .response, .lost:
            return Rule(
                name: "no retry", sentence: "a request that may have taken effect is not sent again")
        case .replaced:
            return Rule(
                name: "overlap=\(policy.overlap.rawValue)",
                sentence: "a later occurrence replaces what has not ended")
        case .shutdown:
            return Rule(name: "ALMANAC_DRAIN_LIMIT", sentence: "a stopping daemon waits for requests so long")
        case .deadline:
            return Rule(
                name: "deadline=" + (policy.deadline.map(DurationText.compact) ?? "…"),
                sentence: "no attempt starts later than that after it was due")
        case .down, .window, .storeOutage: return missed(reason, policy)
        case .disabled:
            return Rule(
                name: "enabled=no", sentence: "a job that is disabled or taken out starts nothing more")
        case .configuration:
            return Rule(
                name: "configuration",
                sentence: "a request needs all of its values, and each must be allowed to go where it goes")
        default: return Rule(name: "retry=\(row.attemptsMax - 1)", sentence: attempts(row))
        }
    }

    private static func attempts(_ row: RunRecord) -> String {
        row.attempts >= row.attemptsMax
            ? "every attempt was used up"
            : "no attempt starts after the deadline, or when the next occurrence is due"
    }
}
