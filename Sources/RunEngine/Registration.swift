package import CivilTime
package import JobCatalog
package import Records
package import RunModel

/// A catalog that the store knows, and what it said of its jobs.
package struct RegisteredCatalog: Sendable {
    /// With when the events of its jobs happened.
    package var catalog: Catalog
    /// The last occurrence of each job that was decided.
    package var watermarks: [JobName: Instant]
    /// Before it a job owes nothing.
    package var countsFrom: [JobName: Instant]
    /// The runs that an earlier daemon of this host left behind; asked for once, by the first catalog of a daemon.
    package var abandoned: [AbandonedRun]

    package init(
        _ catalog: Catalog, watermarks: [JobName: Instant], countsFrom: [JobName: Instant] = [:],
        abandoned: [AbandonedRun] = []
    ) {
        self.catalog = catalog
        self.watermarks = watermarks
        self.countsFrom = countsFrom
        self.abandoned = abandoned
    }
}

/// How catalogs get into force: one at a time, the newest last, each only when the store knows it.
///
/// A catalog that a newer one supersedes before the store was asked never reaches the store, nor does one whose
/// registration failed. One that the store has taken comes into force, also when a newer one waits: the store says since
/// when it was.
struct Registration: Sendable {
    /// A catalog that somebody wants in force.
    struct Wish: Sendable {
        /// Counts the wishes of this daemon.
        var number: Int
        var catalog: Catalog
        var since: Instant
    }

    private enum State: Sendable {
        /// Nothing is wanted. Can become waiting.
        case idle
        /// For a clock that can be right, or for the store after it failed. Can become asking.
        case waiting(Wish, until: Instant?)
        /// The store was asked. Can become idle, waiting.
        case asking(Wish, newer: Wish?)
    }

    private var state = State.idle
    private var tries = 0

    /// Since when a catalog waits to come into force; nil when none does.
    var pendingSince: Instant? {
        switch state {
        case .idle: nil
        case .waiting(let wish, _): wish.since
        case .asking(let wish, _): wish.since
        }
    }

    /// When the store is to be asked again; nil when that depends on events.
    var wakeAt: Instant? {
        if case .waiting(_, let until) = state { until } else { nil }
    }

    /// Somebody wants a catalog in force; it supersedes whatever waits.
    mutating func want(_ wish: Wish) {
        switch state {
        case .idle, .waiting:
            tries = 0
            state = .waiting(wish, until: nil)
        case .asking(let asked, _): state = .asking(asked, newer: wish)
        }
    }

    /// The wish that the store is to be asked for now, if any.
    mutating func start(at now: Instant) -> Wish? {
        guard case .waiting(let wish, let until) = state, until.map({ $0 <= now }) ?? true else { return nil }
        state = .asking(wish, newer: nil)
        return wish
    }

    /// The store knows the catalog, or does not: then the newest is tried, the same one after a while.
    mutating func answered(isRegistered: Bool, at now: Instant) {
        guard case .asking(let wish, let newer) = state else {
            preconditionFailure("a catalog was registered that nobody wanted")
        }
        if let newer {
            tries = 0
            state = .waiting(newer, until: nil)
        } else if isRegistered {
            tries = 0
            state = .idle
        } else {
            tries += 1
            let pause = Spread.backoff(
                EngineLimits.storeRetry, run: RunID(random: UInt128(wish.number)), attempt: tries)
            state = .waiting(wish, until: now + pause)
        }
    }

    /// The wall clock was set back by `step`: what was to happen after a while still does.
    mutating func stepBack(by step: Duration) {
        if case .waiting(let wish, let until?) = state { state = .waiting(wish, until: until - step) }
    }
}
