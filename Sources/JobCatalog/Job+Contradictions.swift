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
    }

    /// A start that is later than this is not on time, and the catch-up policy decides about it.
    package static let onTimeTolerance: Duration = .seconds(60)
    /// So many occurrences tell how far apart they are: a day of a job that is due each half hour.
    private static let occurrencesLooked = 48

    /// What contradicts itself, judged by the next occurrences after `now`. Options that have their usual value are not
    /// judged.
    package func contradictions(from now: Instant) -> [Contradiction] {
        var found: [Contradiction] = []
        func add(_ code: String, _ option: JobOption, _ message: String, _ hint: String) {
            found.append(Contradiction(code: code, option: option.rawValue, message: message, hint: hint))
        }
        let usual = Policy()
        let tolerance = DurationText.compact(Self.onTimeTolerance)
        if policy.catchUp == .none {
            if policy.catchUpWindow != usual.catchUpWindow {
                add(
                    "unused-window", .catchUpWindow, "nothing is made up for with catch-up=none",
                    "write catch-up=latest, or take the window out")
            }
        } else {
            if let deadline = policy.deadline, deadline <= Self.onTimeTolerance {
                add(
                    "catch-up-too-late", .deadline,
                    "what is made up for is more than \(tolerance) late, and so always after the deadline",
                    "write a longer deadline, or catch-up=none")
            }
            if policy.catchUpWindow <= Self.onTimeTolerance {
                add(
                    "catch-up-too-late", .catchUpWindow,
                    "what is made up for is more than \(tolerance) late, and so always outside the window",
                    "write a longer window, or catch-up=none")
            }
        }
        if policy.retries == 0, policy.backoff != usual.backoff {
            add(
                "unused-backoff", .backoff, "with retry=0 there is no retry to wait for",
                "take backoff out, or write how many retries there are")
        }
        if let overdueAfter = policy.overdueAfter, overdueAfter < policy.jitter {
            add(
                "overdue-before-start", .overdueAfter,
                "health complains before the jitter lets the run start",
                "write more than the jitter, \(DurationText.compact(policy.jitter))")
        }
        if let longest = longestGap(from: now) {
            let gap = DurationText.compact(longest)
            if policy.jitter >= longest {
                add(
                    "jitter-too-long", .jitter,
                    "a start is delayed to just before the next occurrence at most, which is \(gap) later",
                    "write less than \(gap)")
            }
            if policy.retries > 0, policy.retries != usual.retries || policy.backoff != usual.backoff,
                policy.backoff.lowerBound >= longest
            {
                add(
                    "retry-never", policy.backoff != usual.backoff ? .backoff : .retry,
                    "no retry starts after the next occurrence, which is due \(gap) later",
                    "write a shorter backoff, or retry=0")
            }
            if policy.overlap == .replace, policy.timeout != usual.timeout, policy.timeout > longest {
                add(
                    "timeout-never", .timeout,
                    "with overlap=replace the next occurrence ends the request before, \(gap) later",
                    "write a shorter timeout, or another overlap")
            }
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
