import CivilTime
import Records
import RunModel

/// How what was journalled gets to the store.
extension OutageMachine {
    /// What follows a step of a delivery.
    enum Next {
        case effect(OutageEffect)
        /// Nothing is left in the journal.
        case isDone
        /// The store, or the journal, is away.
        case failed(StoreError)
    }

    mutating func deliver(
        _ event: OutageEvent, _ delivery: inout Delivery, _ now: Instant, _ uptime: Duration
    ) -> Next {
        switch (delivery.step, event) {
        case (.reading, .read(.success(let entries))):
            // One may have been journalled since the journal was read.
            if entries.isEmpty, appending == 0, deliveredThrough >= appendedThrough { return .isDone }
            guard !entries.isEmpty else { return .effect(.read(after: deliveredThrough)) }
            delivery.entries = entries.reversed()
            return next(&delivery, uptime)
        case (.reading, .read(.failure(let error))): return .failed(journalFailed(error))
        case (.renewing, .renewed(.success)):
            delivery.step = .marking
            return .effect(.mark(lease))
        case (.marking, .marked(nil)):
            delivery.renewedAt = uptime
            isMarked = true
            return next(&delivery, uptime)
        case (.renewing, .renewed(.failure(let error))), (.marking, .marked(let error?)):
            return .failed(error)
        case (.writing(let write), .delivered(let result)):
            return delivered(result, write, &delivery, uptime)
        case (.looking(let write, let isTried), .looked(.success(let holding))):
            return looked(holding, write, isTried, &delivery, uptime)
        case (.dividing(var rows, let rests), .divided(.success(let rest))):
            guard let mark = rows.popLast()?.mark else { preconditionFailure("no row is divided") }
            if rest == nil {
                delivery.problem =
                    "another host decided its occurrences up to \(mark), and nobody can tell which are left"
            }
            return divide(rows, rests + [rest].compactMap(\.self), &delivery, uptime)
        case (.looking(let write, _), .looked(.failure(let error))):
            return failed(error, write, &delivery, uptime)
        case (.dividing, .divided(.failure(let error))): return failed(error, nil, &delivery, uptime)
        case (.removing, .removed(let error)):
            if let error {
                _ = journalFailed(error)
                // Later: a full disk must not keep this host from a store that is back.
                untrimmed = (untrimmed ?? [:]).merging(delivery.aside) { $1 }
            } else {
                journalError = nil
                untrimmed = nil
            }
            delivery.aside = [:]
            delivery.step = .reading
            return .effect(.read(after: deliveredThrough))
        case (.reading, _), (.renewing, _), (.marking, _), (.writing, _), (.looking, _), (.dividing, _),
            (.removing, _):
            preconditionFailure("a delivery cannot take \(event) in \(delivery.step)")
        }
    }

    /// The next entry, or what is due before it.
    mutating func next(_ delivery: inout Delivery, _ uptime: Duration) -> Next {
        guard let entry = delivery.entries.last else {
            delivery.step = .removing
            let aside = (untrimmed ?? [:]).merging(delivery.aside) { $1 }
            return .effect(.remove(through: deliveredThrough, aside: aside))
        }
        // A delivery may take longer than a lease.
        if uptime - delivery.renewedAt >= lease / 3 {
            delivery.step = .renewing
            return .effect(.renew(knowledge.ownedByStore))
        }
        // Another host may have been given the very fence again that this one had before it was lost.
        if entry.number == 0, let id = try? entry.write.get().owned?.id, delivery.refused.contains(id) {
            return leave(&delivery, uptime)
        }
        if entry.number > 0 { backlog.oldestAt = entry.recordedAt }
        switch entry.write {
        case .failure(let error): return failed(error, nil, &delivery, uptime)
        case .success(.claim(var claim)):
            // It did run, whatever pause is in force by now.
            claim.ignoresPause = true
            return write(.claim(claim), &delivery)
        case .success(let write):
            guard let given = write.owned else { return self.write(write, &delivery) }
            let fence = knowledge.delivered(given.id) ?? delivery.proofs[given.id] ?? given.fence
            // What an earlier daemon claimed and delivered has a proof that only the store knows.
            guard fence > 0 else { return look(write, isTried: false, &delivery) }
            return self.write(write.owned(as: OwnedRun(id: given.id, fence: fence)), &delivery)
        }
    }

    /// The store takes this proof of ownership, also for what an earlier daemon has journalled of the run.
    private mutating func give(_ owned: OwnedRun, _ delivery: inout Delivery) {
        if !knowledge.give(owned) { delivery.proofs[owned.id] = owned.fence }
    }

    private func write(_ write: StoreWrite, _ delivery: inout Delivery) -> Next {
        delivery.step = .writing(write)
        return .effect(.deliver(write))
    }

    private func look(_ write: StoreWrite, isTried: Bool, _ delivery: inout Delivery) -> Next {
        guard let owned = write.owned else { preconditionFailure("\(write.summary) is about no run") }
        delivery.step = .looking(write, isTried: isTried)
        return .effect(.look(owned.id))
    }

    private mutating func delivered(
        _ result: Result<StoreAnswer, StoreError>, _ write: StoreWrite, _ delivery: inout Delivery,
        _ uptime: Duration
    ) -> Next {
        switch (write, result) {
        case (_, .failure(let error)): return failed(error, write, &delivery, uptime)
        case (.register(let jobs, _, _), .success(.registered(let answer))):
            // An earlier daemon's says nothing of what this one has.
            if hasRegistered { registered = write }
            knowledge.learn(jobs, answer)
            return done(&delivery, uptime)
        case (.claim, .success(.claim(.claimed(let owned)))):
            give(owned, &delivery)
            return done(&delivery, uptime)
        case (.claim(var claim), .success(.claim(.overlaps))):
            // It was made, also beside a run that this host could not see.
            claim.isExclusive = false
            return self.write(.claim(claim), &delivery)
        case (.claim, .success(.claim)), (.startAttempt, .success(.owner(false))),
            (.awaitRetry, .success(.owner(false))), (.finish, .success(.owner(false))):
            return look(write, isTried: true, &delivery)
        case (.finish(let owned, _), .success(.owner(true))):
            knowledge.told(owned.id)
            return done(&delivery, uptime)
        case (.startAttempt, .success(.owner)), (.awaitRetry, .success(.owner)), (.note, .success(.noted)):
            return done(&delivery, uptime)
        case (.record(let rows), .success(.recorded(let marks))):
            // Each time the mark is a later one.
            return divide(
                rows.compactMap { row in marks[row.id].map { .init(row: row, mark: $0) } }, [], &delivery,
                uptime)
        case (.register, .success), (.claim, .success), (.startAttempt, .success), (.awaitRetry, .success),
            (.finish, .success), (.record, .success), (.note, .success):
            preconditionFailure("\(result) does not answer \(write.summary)")
        }
    }

    /// Finds out what is left of rows that another host had decided a part of, and records that.
    private mutating func divide(
        _ rows: [Delivery.LeftOut], _ rests: [RunRecord], _ delivery: inout Delivery,
        _ uptime: Duration
    ) -> Next {
        if let last = rows.last {
            delivery.step = .dividing(rows, rests: rests)
            return .effect(.divide(last.row, after: last.mark))
        }
        if !rests.isEmpty { return write(.record(rests), &delivery) }
        guard let problem = delivery.problem else { return done(&delivery, uptime) }
        delivery.problem = nil
        return refused(problem, nil, &delivery, uptime)
    }

    private mutating func looked(
        _ holding: RunHolding?, _ write: StoreWrite, _ isTried: Bool, _ delivery: inout Delivery,
        _ uptime: Duration
    ) -> Next {
        let isHere = holding.map { $0.host == host && $0.state != .finished } ?? false
        if let holding, holding.holds(write, of: host) {
            // It was delivered before, and could not be taken out then; what follows on the run may not have been.
            if isHere { give(holding.owned, &delivery) }
            return done(&delivery, uptime)
        }
        // What could only be called lost is known by now.
        if case .finish(_, let end) = write, end.outcome == .unknown, holding?.state == .finished {
            return done(&delivery, uptime)
        }
        // This host takes a run over only when its journal is empty: it was delivered before that, and could not be taken out.
        if let holding, isHere, let owned = write.owned, 0 < owned.fence, owned.fence < holding.fence {
            return done(&delivery, uptime)
        }
        if let holding, isHere, !isTried {
            give(holding.owned, &delivery)
            return self.write(write.owned(as: holding.owned), &delivery)
        }
        guard let owned = write.owned else { preconditionFailure("\(write.summary) is about no run") }
        knowledge.lose(owned.id)
        let problem =
            if case .claim = write {
                "another host, which may have made the run too, or a pause decided the occurrence first"
            } else {
                owned.fence > 0
                    ? "another host decides about its run" : "the store did not take the claim of its run"
            }
        return refused(problem, write, &delivery, uptime)
    }

    /// What can never be delivered is set aside; what fails otherwise stays.
    private mutating func failed(
        _ error: StoreError, _ write: StoreWrite?, _ delivery: inout Delivery, _ uptime: Duration
    ) -> Next {
        // Of a job that was taken out before the schema was made anew the store need not know anything.
        if error.reason == .unregistered, delivery.entries.last?.number == 0 {
            return leave(&delivery, uptime)
        }
        guard error.reason == .defect else { return .failed(error) }
        if case .claim(let claim)? = write { knowledge.lose(claim.run.id) }
        return refused("\(error)", nil, &delivery, uptime)
    }

    private mutating func refused(
        _ problem: String, _ write: StoreWrite?, _ delivery: inout Delivery, _ uptime: Duration
    ) -> Next {
        guard let entry = delivery.entries.last else { preconditionFailure("nothing is being delivered") }
        let given = try? entry.write.get()
        let what = given?.summary ?? "operation \(entry.number)"
        if entry.number > 0 { delivery.aside[entry.number] = problem }
        if entry.number == 0, let id = given?.owned?.id {
            givenUp.append(id)
            delivery.refused.insert(id)
        }
        setAsideCount += 1
        report(.setAside(what, problem: problem))
        if case .claim(let claim)? = write {
            notes.append(
                StoreEvent(
                    at: claim.run.createdAt, host: host, kind: .duplicate, job: claim.run.job,
                    detail: "\(what), made in an outage, came too late: \(problem)"))
        }
        return leave(&delivery, uptime)
    }

    private mutating func done(_ delivery: inout Delivery, _ uptime: Duration) -> Next {
        deliveredCount += 1
        return leave(&delivery, uptime)
    }

    private mutating func leave(_ delivery: inout Delivery, _ uptime: Duration) -> Next {
        guard let entry = delivery.entries.popLast() else {
            preconditionFailure("nothing is being delivered")
        }
        // What the store had lost is in no journal, and has no number there.
        if entry.number > 0 {
            deliveredThrough = entry.number
            backlog.count -= 1
        }
        return next(&delivery, uptime)
    }
}
