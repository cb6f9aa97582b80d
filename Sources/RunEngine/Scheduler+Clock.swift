package import CivilTime
import HeapModule
import JobCatalog
import RunModel

/// What becomes of the schedule while the clock of this host is ahead of the store's, and when people set jobs back.
extension Scheduler {
    /// A host whose clock is ahead decides nothing: what is still to come by the store's clock is for hosts that keep time, or
    /// for later. Once the clock is right, the store says how far each job has come.
    struct Standstill: Sendable {
        var since: Instant
        /// When the clocks are compared next.
        var askAt: Instant
        /// Whether the clock is right, and the store is being asked how far the jobs have come.
        var isEnding = false
    }

    /// Since when this host decides nothing, because its clock is ahead of the store's; nil when it decides.
    package var clockAheadSince: Instant? { standstill?.since }

    /// The store has refused a decision of a job for the clock: nothing that follows it may be recorded before it.
    mutating func standStill(withdrawing name: JobName, _ now: Instant) {
        withdraw(name)
        standStill(now)
    }

    private mutating func standStill(_ now: Instant) {
        guard standstill == nil else { return }
        standstill = Standstill(since: now, askAt: now)
    }

    mutating func clock(isAhead: Bool, _ now: Instant) {
        if isAhead {
            standStill(now)
            standstill?.isEnding = false
        } else if standstill?.isEnding == false {
            standstill?.isEnding = true
            // A catalog that waits to come into force asks the store the same.
            if hasLoaded, registration.pendingSince == nil {
                registration.want(.init(number: catalogNumber, catalog: catalog, since: now))
            }
        }
    }

    mutating func compareClocks(_ now: Instant) {
        if standstill?.isEnding == true { register(now) }
        guard let askAt = standstill?.askAt, askAt <= now else { return }
        standstill?.askAt = now + EngineLimits.clockComparison
        if standstill?.isEnding == false { effects.append(.compareClocks) }
    }

    /// The store has said how far the jobs have come: from there on they are decided again.
    mutating func endStandstill(_ watermarks: [JobName: Instant]) {
        guard standstill?.isEnding == true else { return }
        standstill = nil
        for (index, job) in catalog.jobs.enumerated() {
            withdraw(job.name)
            guard let watermark = watermarks[job.name] else { continue }
            setBack(index, to: watermark)
        }
    }

    /// People have set back how far jobs had come, in the store: from there on they are decided again.
    mutating func rewind(_ marks: [JobName: Instant]) {
        for (name, mark) in marks.sorted(by: { $0.key < $1.key }) {
            departed[name] = departed[name].map { min($0, mark) }
            guard let index = catalog.index(of: name), mark < states[index].considered else { continue }
            setBack(index, to: mark)
        }
    }

    mutating func setBack(_ index: Int, to mark: Instant) {
        let inFlight = work[catalog.jobs[index].name]?.decisions.inFlightUntil
        states[index].considered = max(mark, inFlight ?? mark)
        replan(index)
    }

    mutating func withdraw(_ name: JobName) {
        guard work[name] != nil else { return }
        work[name]?.decisions.withdrawAll()
        work[name]?.backlog = []
        line.leave(.occurrence(name))
        touch(name)
    }
}
