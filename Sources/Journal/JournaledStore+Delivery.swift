import CivilTime
package import RunModel

/// How what was journalled gets to the store.
extension JournaledStore {
    /// Delivers what an earlier daemon left in the journal; nothing else may be asked before.
    package func start() async throws(StoreError) {
        backlog = try await withJournal(isReading: true) { (journal) throws(StoreError) in
            try await journal.backlog()
        }
        guard backlog.count > 0 else { return }
        try await deliverAll()
        report(.delivered(deliveredCount))
    }

    /// Asks the store again after each outage began, until it is back, for as long as the task is not cancelled.
    package func run() async {
        for await _ in beginnings {
            while !Task.isCancelled, await !recover() {
                // A cancelled sleep ends the loop by its condition.
                try? await Task.sleep(for: OutageLimits.probeInterval * Double.random(in: 0.5...1))
            }
        }
    }

    /// Asks the store once, and delivers the journal when it answers; whether that is over and done with.
    package func recover() async -> Bool {
        guard let before = outage else { return await trim() }
        guard !isRecovering, openTakeovers == 0 else { return false }
        isRecovering = true
        defer {
            isRecovering = false
            publish()
        }
        let deliveredBefore = deliveredCount
        do throws(StoreError) {
            // First the leases, before another host takes a run over that is alive.
            _ = try await primary.renew(knowledge.ownedByStore, lease: lease)
            try await probe()
        } catch {
            outage?.error = error
            return false
        }
        do throws(StoreError) {
            try await deliverAll()
        } catch {
            if error != journalError { outage?.error = error }
            return false
        }
        let lasted = uptime() - before.began
        let delivered = deliveredCount - deliveredBefore
        report(.outageEnded(lasted: lasted, delivered: delivered))
        let what = "the store was away for \(lasted.components.seconds) s (\(before.error)); "
        await note(
            .storeOutage, nil, at: before.since, what + "\(delivered) operations were delivered after it")
        return await trim()
    }

    /// Delivers operation after operation until none is left; then the outage is over.
    private func deliverAll() async throws(StoreError) {
        while true {
            let entries = try await withJournal(isReading: true) { (journal) throws(StoreError) in
                try await journal.entries(after: deliveredThrough, limit: OutageLimits.batch)
            }
            // One may have been journalled since the journal was read.
            if entries.isEmpty, appending == 0, deliveredThrough >= appendedThrough { break }
            for entry in entries {
                backlog.oldestAt = entry.operation.recordedAt
                publish()
                try await deliver(entry)
            }
        }
        outage = nil
        if isTrimmed { journalError = nil }
        backlog = JournalBacklog(count: 0, oldestAt: nil)
        deliveredFences = [:]
        journalled = []
        knowledge.settled()
        publish()
    }

    /// Delivers one operation and takes it out of the journal; what can never be delivered is set aside, and what fails
    /// otherwise is thrown and stays.
    private func deliver(_ entry: JournalEntry) async throws(StoreError) {
        var what = "operation \(entry.number)"
        var result: Delivery
        do throws(StoreError) {
            let operation = try StoreOperation(reading: entry.operation)
            what = operation.summary
            result = try await deliver(operation)
            if case .refused(let problem) = result, case .claim(let claim) = operation {
                await note(
                    .duplicate, claim.run.job, at: claim.run.createdAt,
                    "\(what), made in an outage, came too late: \(problem)")
            }
        } catch {
            guard error.reason == .defect else { throw error }
            result = .refused("\(error)")
        }
        deliveredThrough = entry.number
        backlog.count -= 1
        switch result {
        case .done, .claimed: deliveredCount += 1
        case .refused(let problem):
            setAsideCount += 1
            report(.setAside(what, problem: problem))
        }
        await takeOut(entry.number, result)
    }

    /// Takes an operation out of the journal, or aside. When that fails, the journal is trimmed later: a full disk must not
    /// keep this host from a store that is back.
    private func takeOut(_ number: Int64, _ result: Delivery) async {
        do throws(StoreError) {
            try await withJournal { (journal) throws(StoreError) in
                switch result {
                case .done: try await journal.remove(through: number)
                case .claimed(let owned): try await journal.remove(claim: number, answeredWith: owned)
                case .refused(let problem): try await journal.setAside(number, problem: problem)
                }
            }
        } catch {
            // Shown as the journal's error.
            isTrimmed = false
        }
    }

    /// Takes out what was delivered and could not be taken out then; whether nothing such is left.
    private func trim() async -> Bool {
        guard !isTrimmed else { return true }
        do throws(StoreError) {
            try await withJournal { (journal) throws(StoreError) in
                try await journal.remove(through: deliveredThrough)
            }
        } catch {
            return false
        }
        isTrimmed = true
        publish()
        return true
    }

    /// Finds out that the journal cannot be used before it is needed; its failure is shown.
    func lookAtJournal() async {
        guard outage == nil, isTrimmed else { return }
        do throws(StoreError) {
            // Nothing is that old; but a journal that cannot be written says so.
            try await withJournal { (journal) throws(StoreError) in try await journal.remove(through: 0) }
        } catch {
            // It is in the status by now, and the jobs of a store that answers need no journal.
        }
    }

    /// What became of an operation at the store.
    private enum Delivery {
        case done
        /// A claim is done, and the operations on its run that follow need this proof of ownership.
        case claimed(OwnedRun)
        /// The store will never take it, for this reason.
        case refused(String)
    }

    private func deliver(_ operation: StoreOperation) async throws(StoreError) -> Delivery {
        switch operation {
        case .claim(let claim): return try await deliver(claim)
        case .register(let jobs, let host, let now):
            knowledge.learn(jobs, try await primary.register(jobs, by: host, now: now))
        case .note(let events): try await primary.note(events)
        case .record(let rows): return try await deliver(rows)
        case .startAttempt(let given, _, _), .awaitRetry(let given, _, _), .finish(let given, _):
            let owned = newest(given)
            if owned.fence > 0, try await operation.perform(on: primary, as: owned) { break }
            knowledge.lose(owned)
            if try await isKnown(operation, of: owned.id) { break }
            return .refused(
                owned.fence > 0
                    ? "another host decides about its run" : "the store did not take the claim of its run")
        }
        return .done
    }

    /// Records rows, and of one of several occurrences what no other host decided meanwhile.
    private func deliver(_ given: [RunRecord]) async throws(StoreError) -> Delivery {
        var rows = given
        var result = Delivery.done
        while !rows.isEmpty {
            // Each time the mark is a later one.
            let marks = try await reminding { () throws(StoreError) in try await primary.record(rows) }
            var rests: [RunRecord] = []
            for row in rows {
                guard let mark = marks[row.id] else { continue }
                if let rest = rest(row, mark, try await primary.definitions(of: row.job)) {
                    rests.append(rest)
                } else {
                    result = .refused(
                        "another host decided its occurrences up to \(mark), and nobody can tell which are left"
                    )
                }
            }
            rows = rests
        }
        return result
    }

    private func deliver(_ given: Claim) async throws(StoreError) -> Delivery {
        var claim = given
        // It did run, whatever pause is in force by now.
        claim.ignoresPause = true
        do throws(StoreError) {
            var answer = try await reminding { () throws(StoreError) in
                try await primary.claim(claim, rehearse: false)
            }
            if case .overlaps = answer {
                // And beside a run that this host could not see.
                claim.isExclusive = false
                answer = try await primary.claim(claim, rehearse: false)
            }
            if case .claimed(let owned) = answer {
                deliveredFences[owned.id] = owned.fence
                knowledge.give(owned)
                return .claimed(owned)
            }
        } catch {
            if error.reason == .defect { knowledge.lose(claim.run.id) }
            throw error
        }
        knowledge.lose(claim.run.id)
        if try await isKnown(.claim(claim), of: claim.run.id) { return .done }
        return .refused("another host decided the occurrence, and may have made the run too")
    }

    /// Whether the store holds what the operation says: it was delivered before, and could not be taken out then.
    private func isKnown(_ operation: StoreOperation, of id: RunID) async throws(StoreError) -> Bool {
        guard let (record, attempts) = try await primary.run(id), record.host == host else { return false }
        switch operation {
        case .claim: return true
        case .startAttempt(_, let number, _): return record.attempts >= number
        case .awaitRetry(_, let attempt, _):
            return attempts.contains { $0.number == attempt.number && $0.finishedAt == attempt.finishedAt }
        case .finish(_, let completion): return record.finishedAt == completion.finishedAt
        case .register, .record, .note: return false
        }
    }

    /// Tells those who will ask why.
    private func note(
        _ kind: StoreEvent.Kind, _ job: JobName?, at: Instant, _ detail: String
    ) async {
        // The log tells it as well: a store that fails again must not hold up what follows.
        try? await primary.note([StoreEvent(at: at, host: host, kind: kind, job: job, detail: detail)])
    }
}
