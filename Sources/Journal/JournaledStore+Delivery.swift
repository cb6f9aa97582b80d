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
            var pause = OutageLimits.probes.lowerBound
            while !Task.isCancelled, await !recover() {
                // A cancelled sleep ends the loop by its condition.
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, OutageLimits.probes.upperBound)
            }
        }
    }

    /// Asks the store once, and delivers the journal when it answers; whether the outage is over.
    package func recover() async -> Bool {
        guard let before = outage else { return true }
        guard !isRecovering else { return false }
        isRecovering = true
        defer {
            isRecovering = false
            publish()
        }
        let deliveredBefore = deliveredCount
        do throws(StoreError) {
            // First the leases, before another host takes a run over that is alive; it also shows whether the store can
            // be written.
            _ = try await primary.renew(knowledge.ownedByStore, lease: lease)
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
        return true
    }

    /// Delivers operation after operation until none is left; then the outage is over.
    private func deliverAll() async throws(StoreError) {
        while true {
            let entries = try await withJournal(isReading: true) { (journal) throws(StoreError) in
                try await journal.oldest(OutageLimits.batch)
            }
            if entries.isEmpty, appending == 0 { break }
            for entry in entries {
                backlog.oldestAt = entry.operation.recordedAt
                publish()
                try await deliver(entry)
            }
        }
        outage = nil
        journalError = nil
        backlog = JournalBacklog(count: 0, oldestAt: nil)
        deliveredFences = [:]
        knowledge.settled()
        publish()
    }

    /// Delivers one operation and takes it out of the journal. What can never be delivered is set aside; every other
    /// failure is thrown, and the operation stays.
    private func deliver(_ entry: JournalEntry) async throws(StoreError) {
        var operation: StoreOperation?
        do throws(StoreError) {
            let read = try StoreOperation(reading: entry.operation)
            operation = read
            if let problem = try await deliver(read, entry.number) {
                try await setAside(entry, read.summary, problem)
                if case .claim(let claim) = read {
                    await note(
                        .duplicate, claim.run.job, at: claim.run.createdAt,
                        "\(read.summary), made in an outage, came too late: \(problem)")
                }
                return
            }
        } catch {
            guard error.reason == .defect else { throw error }
            let what = operation?.summary ?? "operation \(entry.number)"
            return try await setAside(entry, what, "\(error)")
        }
        backlog.count -= 1
        deliveredCount += 1
    }

    /// Delivers one operation and takes it out of the journal; answers why that cannot be, if it cannot.
    private func deliver(_ operation: StoreOperation, _ number: Int64) async throws(StoreError) -> String? {
        switch operation {
        case .claim(let claim): return try await deliver(claim, number)
        case .register(let jobs, let host, let now):
            knowledge.learn(jobs, try await primary.register(jobs, by: host, now: now))
        case .note(let events): try await primary.note(events)
        case .record(let rows):
            if try await !primary.record(rows).isEmpty {
                return "another host decided some of the occurrences that share a row"
            }
        case .startAttempt(let given, _, _), .awaitRetry(let given, _, _), .finish(let given, _):
            let owned = OwnedRun(id: given.id, fence: deliveredFences[given.id] ?? given.fence)
            guard owned.fence > 0 else { return "the store did not take the claim of its run" }
            guard try await operation.perform(on: primary, as: owned) else {
                knowledge.lose(owned)
                return "another host decides about its run"
            }
        }
        try await withJournal { (journal) throws(StoreError) in try await journal.remove(number) }
        return nil
    }

    private func deliver(_ claim: Claim, _ number: Int64) async throws(StoreError) -> String? {
        do throws(StoreError) {
            var claim = claim
            // It did run, whatever pause is in force by now.
            claim.ignoresPause = true
            var answer = try await primary.claim(claim, rehearse: false)
            if case .overlaps = answer {
                // And beside a run that this host could not see.
                claim.isExclusive = false
                answer = try await primary.claim(claim, rehearse: false)
            }
            if case .claimed(let owned) = answer {
                deliveredFences[owned.id] = owned.fence
                knowledge.give(owned)
                try await withJournal { (journal) throws(StoreError) in
                    try await journal.remove(claim: number, answeredWith: owned)
                }
                return nil
            }
        } catch {
            if error.reason == .defect { knowledge.lose(claim.run.id) }
            throw error
        }
        knowledge.lose(claim.run.id)
        return "another host decided the occurrence, and may have made the run too"
    }

    /// Tells those who will ask why.
    private func note(
        _ kind: StoreEvent.Kind, _ job: JobName?, at: Instant, _ detail: String
    ) async {
        // The log tells it as well: a store that fails again must not hold up what follows.
        try? await primary.note([StoreEvent(at: at, host: host, kind: kind, job: job, detail: detail)])
    }

    private func setAside(_ entry: JournalEntry, _ what: String, _ problem: String) async throws(StoreError) {
        try await withJournal { (journal) throws(StoreError) in
            try await journal.setAside(entry.number, problem: problem)
        }
        backlog.count -= 1
        setAsideCount += 1
        report(.setAside(what, problem: problem))
    }
}
