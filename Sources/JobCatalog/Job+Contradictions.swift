package import CivilTime
import Scheduling

/// Options of a job that do nothing together, which is surely not what was meant.
extension Job {
    /// One of them, said at the option that does nothing.
    package struct Contradiction: Sendable, Equatable {
        /// For programs, as in diagnostics.
        package var code: String
        /// The name of the option at which it is shown.
        package var option: String
        /// What is wrong.
        package var message: String
        /// What to do about it.
        package var hint: String

        fileprivate init(_ code: String, _ option: JobOption, _ message: String, hint: String) {
            self.code = code
            self.option = option.rawValue
            self.message = message
            self.hint = hint
        }
    }

    /// A start that is later than this is not on time, and the catch-up policy decides about it.
    package static let onTimeTolerance: Duration = .seconds(60)
    /// So many occurrences tell how far apart they are: a day of a job that is due each half hour.
    private static let occurrencesLooked = 48

    /// What contradicts itself, judged by the next occurrences after `now`. Options that have their usual value are not
    /// judged.
    package func contradictions(from now: Instant) -> [Contradiction] {
        catchUpContradictions + otherContradictions + gapContradictions(from: now)
    }

    private var catchUpContradictions: [Contradiction] {
        var found: [Contradiction] = []
        let tolerance = DurationText.compact(Self.onTimeTolerance)
        if policy.catchUp == .none {
            if policy.catchUpWindow != Policy().catchUpWindow {
                found.append(
                    Contradiction(
                        "unused-window", .catchUpWindow, "nothing is made up for with catch-up=none",
                        hint: "write catch-up=latest, or take the window out"))
            }
            return found
        }
        if let deadline = policy.deadline, deadline <= Self.onTimeTolerance {
            found.append(
                Contradiction(
                    "catch-up-too-late", .deadline,
                    "what is made up for is more than \(tolerance) late, and so always after the deadline",
                    hint: "write a longer deadline, or catch-up=none"))
        }
        if policy.catchUpWindow <= Self.onTimeTolerance {
            found.append(
                Contradiction(
                    "catch-up-too-late", .catchUpWindow,
                    "what is made up for is more than \(tolerance) late, and so always outside the window",
                    hint: "write a longer window, or catch-up=none"))
        }
        return found
    }

    private var otherContradictions: [Contradiction] {
        var found: [Contradiction] = []
        if policy.retries == 0, policy.backoff != Policy().backoff {
            found.append(
                Contradiction(
                    "unused-backoff", .backoff, "with retry=0 there is no retry to wait for",
                    hint: "take backoff out, or write how many retries there are"))
        }
        if let overdueAfter = policy.overdueAfter, overdueAfter < policy.jitter {
            found.append(
                Contradiction(
                    "overdue-before-start", .overdueAfter,
                    "health complains before the jitter lets the run start",
                    hint: "write more than the jitter, \(DurationText.compact(policy.jitter))"))
        }
        return found
    }

    /// What contradicts the time to the next occurrence. That is searched for only when a rule could: for most jobs the
    /// search would take longer than all else that is done to read them.
    private func gapContradictions(from now: Instant) -> [Contradiction] {
        let usual = Policy()
        let delay = policy.jitter > .zero ? policy.jitter : nil
        let isRetryChosen = policy.retries != usual.retries || policy.backoff != usual.backoff
        let wait = policy.retries > 0 && isRetryChosen ? policy.backoff.lowerBound : nil
        let request = policy.overlap == .replace && policy.timeout != usual.timeout ? policy.timeout : nil
        guard delay != nil || wait != nil || request != nil, let longest = longestGap(from: now) else {
            return []
        }
        var found: [Contradiction] = []
        let gap = DurationText.compact(longest)
        if let delay, delay >= longest {
            found.append(
                Contradiction(
                    "jitter-too-long", .jitter,
                    "a start is delayed to just before the next occurrence at most, which is \(gap) later",
                    hint: "write less than \(gap)"))
        }
        if let wait, wait >= longest {
            found.append(
                Contradiction(
                    "retry-never", policy.backoff != usual.backoff ? .backoff : .retry,
                    "no retry starts after the next occurrence, which is due \(gap) later",
                    hint: "write a shorter backoff, or retry=0"))
        }
        if let request, request > longest {
            found.append(
                Contradiction(
                    "timeout-never", .timeout,
                    "with overlap=replace the next occurrence ends the request before, \(gap) later",
                    hint: "write a shorter timeout, or another overlap"))
        }
        return found
    }

    /// The longest time between two of the next occurrences; nil when there is none but one.
    private func longestGap(from now: Instant) -> Duration? {
        guard let schedule, var last = schedule.next(after: now)?.instant else { return nil }
        var longest: Duration?
        for _ in 1..<Self.occurrencesLooked {
            guard let next = schedule.next(after: last)?.instant else { break }
            longest = max(longest ?? .zero, next - last)
            last = next
        }
        return longest
    }
}
