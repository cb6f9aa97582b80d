package import CivilTime
package import RunModel
import Scheduling

/// What another catalog changes for one job, and when it is due next.
package struct JobChange: Sendable, Equatable {
    /// What became of the job.
    package enum Kind: String, Sendable {
        /// It was not there before.
        case added
        /// It is not there any more.
        case removed
        /// Its definition is another one, or its zone's rules are.
        case changed
    }

    /// The job that is meant.
    package var job: JobName
    /// What became of it.
    package var kind: Kind
    /// What is different: `schedule`, `request`, `policy`, `enabled`, `zone data`, or
    /// `definition` when it is none of them; empty unless it was changed.
    package var parts: [String]
    /// When it was due next before; nil when it was not.
    package var nextBefore: Instant?
    /// When it is due next now; nil when it is not.
    package var nextAfter: Instant?

    /// The effect on the next occurrence, as `2026-03-01T00:10:00Z → never`.
    package var effect: String {
        func text(_ instant: Instant?) -> String { instant.map { "\($0)" } ?? "never" }
        return nextBefore == nextAfter
            ? "\(text(nextAfter)), as before" : "\(text(nextBefore)) → \(text(nextAfter))"
    }
}

extension Catalog {
    /// What `newer` changes at `now`: what it adds and changes in its order, then what it takes out.
    package func changes(to newer: Catalog, now: Instant) -> [JobChange] {
        var changes: [JobChange] = []
        for (index, job) in newer.jobs.enumerated() {
            let indexBefore = self.index(of: job.name)
            let before = indexBefore.map { jobs[$0] }
            let isSame = indexBefore.map { self.isSame($0, as: index, of: newer) } ?? true
            let parts = isSame ? [] : before.map { $0.differences(to: job) } ?? []
            var change = JobChange(
                job: job.name, kind: before == nil ? .added : .changed, parts: parts,
                nextBefore: before?.next(after: now)?.instant, nextAfter: job.next(after: now)?.instant)
            if before != nil, parts.isEmpty {
                guard change.nextBefore != change.nextAfter else { continue }
                change.parts = ["zone data"]
            }
            changes.append(change)
        }
        for job in jobs where newer[job.name] == nil {
            changes.append(
                JobChange(
                    job: job.name, kind: .removed, parts: [], nextBefore: job.next(after: now)?.instant,
                    nextAfter: nil))
        }
        return changes
    }
}

extension Job {
    /// The parts of a definition that is another one, in words.
    fileprivate func differences(to newer: Job) -> [String] {
        var parts: [String] = []
        if scheduleFacts != newer.scheduleFacts { parts.append("schedule") }
        if request != newer.request { parts.append("request") }
        if policy != newer.policy { parts.append("policy") }
        if isEnabled != newer.isEnabled { parts.append("enabled") }
        return parts.isEmpty ? ["definition"] : parts
    }
}
