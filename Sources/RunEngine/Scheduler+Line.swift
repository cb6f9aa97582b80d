import CivilTime
import JobCatalog
import RunModel
import Scheduling

/// Decisions on their way to the store, and the slots that runs need first.
extension Scheduler {
    /// Sends the next decision of a job to the store, if it is its turn; a claim gets in line for a slot first.
    mutating func pump(_ name: JobName, _ now: Instant) {
        leaveLate(name, now)
        switch work[name]?.decisions.start(at: now) {
        case .record(let rows)?: effects.append(.record(name, rows))
        case .claim(let due)?:
            line.join(
                Line.Place(
                    holder: .occurrence(name), job: name, origin: due.job.request.origin,
                    since: due.trigger == .catchUp ? now : due.notBefore))
        case nil: break
        }
    }

    /// An occurrence whose deadline passes while it is in line is not worth a slot any more.
    private mutating func leaveLate(_ name: JobName, _ now: Instant) {
        guard let due = work[name]?.decisions.inLine, let deadline = due.deadline, now > deadline else {
            return
        }
        line.leave(.occurrence(name))
        skipLate(due, now, "its deadline passed while it waited for a free slot")
    }

    private mutating func skipLate(_ due: Due, _ now: Instant, _ detail: String) {
        let row = decided(due.occurrence, of: due.job, .skipped, .deadline, detail, now)
        work[due.job.name]?.decisions.replaceInLine(with: [row])
    }

    /// Gives the free slots to those whose turn it is.
    mutating func grantSlots(_ now: Instant) {
        guard !isStopping else { return }
        while let place = line.next() {
            switch place.holder {
            case .occurrence(let name): claim(name, place, now)
            case .attempt(let id): begin(id, place, now)
            }
        }
    }

    /// An occurrence has a slot: its deadline is asked, then the store, which asks for pauses too.
    private mutating func claim(_ name: JobName, _ place: Line.Place, _ now: Instant) {
        leaveLate(name, now)
        guard let due = work[name]?.decisions.takeSlot() else {
            line.pass(place)
            return touch(name)
        }
        let id = due.id
        // Taken over from another host before this one came to the occurrence: it has its row.
        guard runs[id] == nil, !lost.contains(id) else {
            line.pass(place)
            work[name]?.decisions.finishFirst()
            return touch(name)
        }
        line.take(place, for: id)
        work[name]?.runs.append(id)
        var machine = machine(for: due, id, now)
        effects += machine.handle(.begin, at: now).map { .run(id, due.job, $0) }
        runs[id] = machine
    }

    private func machine(for due: Due, _ id: RunID, _ now: Instant) -> RunMachine {
        let run = row(
            id, due.occurrence, of: due.job, dueAt: due.dueAt, trigger: due.trigger, state: .claimed,
            attemptsMax: due.job.policy.retries + 1, now)
        // A run that starts late, after later occurrences, has those behind it: the next one counts.
        let following = due.job.next(after: max(due.occurrence.instant, now))?.instant
        return RunMachine(
            job: due.job, run: run, startLimit: due.deadline,
            retryLimit: [due.deadline, following].compactMap(\.self).min(), settings: settings)
    }

    /// The next attempt of a run has a slot.
    private mutating func begin(_ id: RunID, _ place: Line.Place, _ now: Instant) {
        guard runs[id] != nil else { return line.pass(place) }
        line.take(place, for: id)
        handle(.woke, of: id, now)
    }

    /// The time has come that a run waited for. What would begin an attempt gets in line, unless the host stops.
    mutating func wake(_ id: RunID, _ now: Instant) {
        guard let machine = runs[id] else { return }
        guard let since = machine.attemptWantedAt else { return handle(.woke, of: id, now) }
        if isStopping {
            // Whoever is between two attempts waits for the next start; whoever waits for the API waits no more.
            if case .awaitingAPI = machine.state { handle(.woke, of: id, now) }
            return
        }
        line.join(
            Line.Place(
                holder: .attempt(id), job: machine.job.name, origin: machine.job.request.origin, since: since)
        )
    }

    /// When a run wants to be woken; nil also for one that is in line.
    func wakeAt(of id: RunID) -> Instant? {
        guard let machine = runs[id] else { return nil }
        if isStopping, case .waiting = machine.state { return nil }
        return machine.wakeAt
    }
}

extension RunMachine {
    /// Whether its request is under way.
    package var isRequesting: Bool {
        if case .requesting = state { true } else { false }
    }

    /// When the attempt was to begin that it waits for; nil when it waits for none.
    var attemptWantedAt: Instant? {
        switch state {
        case .waiting(_, _, let until), .awaitingAPI(_, _, let until): until
        case .planned, .claiming, .recordingAttempt, .requesting, .recordingRefusal, .recordingRetry,
            .recordingFinish, .finished, .dropped:
            nil
        }
    }

    /// Whether it needs a slot: from the claim, or the record of its attempt, to the end of the request.
    var needsSlot: Bool {
        switch state {
        case .claiming, .recordingAttempt, .requesting: true
        case .planned, .recordingRefusal, .awaitingAPI, .recordingRetry, .waiting, .recordingFinish,
            .finished, .dropped:
            false
        }
    }

    /// Whether stopping waits for it: something was begun that must be ended or recorded.
    var isUnderWay: Bool {
        switch state {
        case .claiming, .recordingAttempt, .requesting, .recordingRefusal, .awaitingAPI,
            .recordingRetry, .recordingFinish:
            true
        case .planned, .waiting, .finished, .dropped: false
        }
    }
}
