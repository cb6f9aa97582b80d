import CivilTime
import JobCatalog
import RunModel
import Scheduling

/// What becomes of the schedule while the store is away and nothing may begin without it.
extension Scheduler {
    /// A time in which nothing may begin. What falls due in it is decided when it is over, as if no daemon had been there: by
    /// the catch-up policy, or, when it is short, as on time.
    struct Hold: Sendable {
        /// From the last to the first instant at which something could begin; nil: there was none.
        private var span: (since: Instant, until: Instant?)?

        /// Whether the store is back.
        private var isEnding = false
        /// Runs that were asked for before it and are too late: nothing of their jobs is decided before they are over.
        var awaited: Set<RunID> = []

        /// Whether it is not over.
        var isOpen: Bool { span != nil && span?.until == nil }

        /// Whether what was to start then had to wait for its end.
        func covers(_ dueAt: Instant) -> Bool {
            guard let span, let until = span.until else { return false }
            // What was due just before may have been on its way to the store.
            return dueAt > span.since - EngineLimits.onTimeTolerance && dueAt <= until
        }

        mutating func begin(at now: Instant) {
            if !isOpen { span = (now, nil) }
            isEnding = false
        }

        mutating func end() { isEnding = true }

        /// It is over when the store is back and nothing is awaited.
        mutating func settle(at now: Instant) {
            guard isOpen, isEnding, awaited.isEmpty else { return }
            span?.until = now
        }
    }

    /// The store is away: what was not asked of it is decided once it is back.
    mutating func beginHold(_ now: Instant) {
        hold.begin(at: now)
        for name in work.keys.sorted() {
            guard let first = work[name]?.firstUnasked, let index = catalog.index(of: name) else { continue }
            withdraw(name)
            setBack(index, to: first - .microseconds(1))
        }
    }

    /// The store is back.
    mutating func endHold(_ now: Instant) {
        guard hold.isOpen else { return }
        hold.end()
        for (id, machine) in runs.sorted(by: { $0.key < $1.key }) where machine.isUnclaimed {
            runs[id]?.storeIsBack(at: now)
            if isTooLate(machine, now) {
                // The store may have it, with the answer lost: so it is claimed again, and ended without a request.
                hold.awaited.insert(id)
                performed(runs[id]?.giveUp(for: .storeOutage, at: now) ?? [], of: id, now)
            } else {
                timers.set(.run(id), wakeAt(of: id))
            }
        }
    }

    /// Whether the catch-up policy does not run late what was asked of the store before it was away.
    private func isTooLate(_ machine: RunMachine, _ now: Instant) -> Bool {
        let (job, run) = (machine.job, machine.run)
        guard machine.isUnclaimed, run.trigger == .schedule, isLate(run.dueAt, now),
            let instant = run.scheduledFor, let schedule = job.schedule
        else { return false }
        let absence = CatchUp(
            policy: job.policy, schedule: schedule, after: instant - .microseconds(1), now: now,
            cause: .storeOutage, isLate: { isLate(job.dueAt($0), now) }, isDue: { job.dueAt($0) <= now })
        return absence.missed.first?.first.instant == instant
    }
}
