import BitCollections
package import CivilTime
import HeapModule

/// How each job of a catalog does, kept up to date at the cost of what changed.
///
/// Jobs are their indices in the catalog. What was told of a job, or the time that passes, makes its level stale; `settle`
/// judges the stale ones alone.
package struct JobLevels: Sendable {
    private struct Look: Comparable {
        var at: Instant
        var job: Int32

        static func < (left: Look, right: Look) -> Bool { left.at < right.at }
    }

    private var stale = BitSet()
    private var failing = BitSet()
    private var warning = BitSet()
    private var paused = BitSet()
    /// When the level of a job may change by itself. An entry that is not what `nextLooks` says is one of the past.
    private var looks = Heap<Look>()
    private var nextLooks: [Instant]
    private var settledAt = Instant.earliest

    /// How many jobs there are.
    package var count: Int { nextLooks.count }
    /// How many fail.
    package var failingCount: Int { failing.count }
    /// How many warn, those that are paused included.
    package var warningCount: Int { warning.count }
    /// How many are paused and do not fail.
    package var pausedCount: Int { paused.count }

    /// The levels of `count` jobs, none of them judged yet.
    package init(count: Int) {
        nextLooks = Array(repeating: .latest, count: count)
        stale = BitSet(0..<count)
    }

    /// Something about a job has changed.
    package mutating func mark(_ job: Int) {
        stale.insert(job)
    }

    /// Something about all jobs has changed.
    package mutating func markAll() {
        self = JobLevels(count: count)
    }

    /// Judges at most `limit` jobs that are stale at `now`; whether none is left.
    package mutating func settle(at now: Instant, atMost limit: Int, _ status: (Int) -> JobStatus) -> Bool {
        // What was to change by itself was said of a clock that was set back since. Those who ask at once may come in another
        // order than their clocks were read.
        if now + .seconds(1) < settledAt { markAll() }
        settledAt = now
        while let look = looks.min, look.at <= now {
            looks.removeMin()
            guard nextLooks[Int(look.job)] == look.at else { continue }
            nextLooks[Int(look.job)] = .latest
            stale.insert(Int(look.job))
        }
        for job in Array(stale.prefix(limit)) {
            stale.remove(job)
            set(job, status(job))
        }
        return stale.isEmpty
    }

    private mutating func set(_ job: Int, _ status: JobStatus) {
        failing.remove(job)
        warning.remove(job)
        paused.remove(job)
        switch status.level {
        case .pass: break
        case .warn:
            warning.insert(job)
            if status.pause != nil { paused.insert(job) }
        case .fail: failing.insert(job)
        }
        // One that comes sooner does no harm, and spares the heap an entry for each run.
        guard let at = status.changesAt, at < nextLooks[job] else { return }
        nextLooks[job] = at
        looks.insert(Look(at: at, job: Int32(job)))
    }

    /// The level of a job, as it was judged last.
    package func level(of job: Int) -> HealthStatus {
        failing.contains(job) ? .fail : warning.contains(job) ? .warn : .pass
    }

    /// The first jobs that do not pass, but for the first `skipped` of all: those that fail before those that warn, and
    /// these before those that are paused.
    package func wrong(_ limit: Int, after skipped: Int = 0) -> [Int] {
        func rest(_ jobs: BitSet) -> BitSet { skipped == 0 ? jobs : jobs.subtracting(0..<skipped) }
        var jobs = Array(rest(failing).prefix(limit))
        // Paused ones may be all that warn: what is in no other set is found without a walk.
        jobs += rest(warning).subtracting(paused).prefix(limit - jobs.count)
        jobs += rest(paused).prefix(limit - jobs.count)
        return jobs
    }

    /// The first jobs that do not pass, then others, as long as there is room.
    package func first(_ limit: Int) -> [Int] {
        var jobs = wrong(limit)
        var rest = 0
        while jobs.count < limit, rest < count {
            if !failing.contains(rest), !warning.contains(rest) { jobs.append(rest) }
            rest += 1
        }
        return jobs
    }

    /// A job, and how it stands among the others.
    package enum Group: Sendable, CaseIterable {
        case failing, warning, well, paused
    }

    /// In which group a job is; one that is paused and would fail otherwise is paused.
    package func group(of job: Int) -> Group {
        if failing.contains(job) { return .failing }
        if paused.contains(job) { return .paused }
        return warning.contains(job) ? .warning : .well
    }

    /// The jobs of these groups that are wanted, those that fail first, then those that warn, the others in the order of the
    /// catalog; costs O(n).
    package func ordered(_ groups: Set<Group>, where isWanted: (Int) -> Bool) -> [Int] {
        var (first, second, rest) = ([Int](), [Int](), [Int]())
        for job in 0..<count where isWanted(job) {
            let group = group(of: job)
            guard groups.contains(group) else { continue }
            switch group {
            case .failing: first.append(job)
            case .warning: second.append(job)
            case .well, .paused: rest.append(job)
            }
        }
        return first + second + rest
    }
}
