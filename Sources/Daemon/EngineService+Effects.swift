import CivilTime
import Exposition
import Host
package import JobCatalog
package import Logging
import Operations
package import Records
package import RunEngine
import RunModel
import Synchronization

/// What the loop performs; each answer comes back as an event.
extension EngineService {
    func perform(_ effect: Effect, _ scheduler: Scheduler, _ group: inout DiscardingTaskGroup) {
        switch effect {
        case .run(let id, let job, .send(let attempt)):
            let run = scheduler.runs[id]?.run
            countSending(job, run, attempt)
            send(job, id, for: run?.occurrenceInstant, attempt, &group)
        case .run(let id, let job, .write(let write)):
            recorders.add(to: &group) { [self] in
                let begun = ContinuousClock.now
                let result = await performer.write(write)
                if let operation = write.operation { count(operation, since: begun) }
                note(result, of: write, job, id)
                mailbox.put(.run(id, .written(result)))
            }
        case .cancel(let id): cancellations.withLock { $0[id] }?.cancel()
        case .record(let name, let rows):
            recorders.add(to: &group) { [self] in await record(rows, of: name) }
        case .register(let catalog, let number, let isFirst):
            group.addTask { [self] in await register(catalog, number, isFirst: isFirst) }
        case .inForce(let number): inForce(number, scheduler)
        case .compareClocks:
            group.addTask { [self] in await compareClocks() }
        case .renew(let owned):
            group.addTask { [self] in await renew(owned) }
        case .takeOver(let held):
            group.addTask { [self] in await takeOver(except: held) }
        case .lost(let id, let job):
            logger.error(
                "lease lost, another host decides about the run", metadata: ["job": "\(job)", "run": "\(id)"])
        case .ended(let row):
            log(row)
            board.count { $0.add(row) }
            board.learn(row)
        case .drained: break
        }
    }

    /// Shows what an answered claim has decided.
    func show(_ claim: Claim, _ answer: ClaimAnswer) {
        switch answer {
        case .claimed: board.learn(claim.run)
        case .paused(let pause):
            let row = claim.run.skipped(for: pause)
            board.count { $0.add(row) }
            board.learn(row)
        case .alreadyDecided, .overlaps: break
        }
    }

    private func send(
        _ job: Job, _ id: RunID, for instant: Instant?, _ attempt: Int, _ group: inout DiscardingTaskGroup
    ) {
        let cancellation = Cancellation()
        cancellations.withLock { $0[id] = cancellation }
        senders.add(to: &group) { [self] in
            let exchange = await performer.send(job, id, for: instant, attempt, cancellation)
            cancellations.withLock { $0[id] = nil }
            board.count { $0.sent(job.name, exchange) }
            note(exchange, job, id)
            mailbox.put(.run(id, .exchanged(exchange)))
        }
    }

    private func countSending(_ job: Job, _ run: RunRecord?, _ attempt: Int) {
        // A catch-up run is late because no daemon was running, not because the loop is slow.
        let isOnTime = attempt == 1 && run?.trigger == .schedule
        let lateness = isOnTime ? run.map { Clocks.now() - $0.dueAt } : nil
        board.count { $0.sending(job.name, lateness: lateness) }
    }

    /// The store has answered, or failed.
    func count(_ operation: Counters.Operation, since begun: ContinuousClock.Instant) {
        let duration = ContinuousClock.now - begun
        board.count { $0.asked(operation, took: duration) }
    }

    private func record(_ rows: [RunRecord], of name: JobName) async {
        let begun = ContinuousClock.now
        defer { count(.decide, since: begun) }
        let result = await RunPerformer.result { () throws(StoreError) in try await store.record(rows) }
        switch result {
        case .success(let leftOut):
            storeAnswered(.decide)
            for row in rows where leftOut[row.id] == nil {
                log(row)
                board.count { $0.add(row) }
                board.learn(row)
            }
        case .failure(let error) where error.reason == .ahead: storeAnswered(.decide)
        case .failure(let error): storeFailed(.decide, error)
        }
        mailbox.put(.recorded(name, result))
    }

    private func renew(_ owned: [OwnedRun]) async {
        let begun = ContinuousClock.now
        defer { count(.renew, since: begun) }
        do throws(StoreError) {
            let lost = Set(try await store.renew(owned, lease: settings.lease))
            if !lost.isEmpty { mailbox.put(.renewed(lost: owned.filter { lost.contains($0.id) })) }
            storeAnswered(.change)
        } catch {
            storeFailed(.change, error)
        }
    }

    /// Makes the jobs of a catalog known to the store.
    private func register(_ catalog: Catalog, _ number: Int, isFirst: Bool) async {
        registered.value = catalog
        let result = await RunPerformer.result { () throws(StoreError) in
            try await Self.register(catalog, life, store, settings, events, isFirst: isFirst, logger)
        }
        switch result {
        case .success: storeAnswered(.register)
        case .failure(let error): storeFailed(.register, error)
        }
        mailbox.put(.registered(result, number: number))
    }

    /// Makes the jobs of a catalog known to the store, and answers what it said of them. The first of a daemon takes over
    /// what an earlier one of this host left behind, unless another daemon of this identity may have it.
    package static func register(
        _ catalog: Catalog, _ life: HostLife, _ store: any DaemonStore, _ settings: EngineSettings,
        _ events: HostEvents, isFirst: Bool, _ logger: Logger
    ) async throws(StoreError) -> RegisteredCatalog {
        let now = Clocks.now()
        let known = try await store.register(catalog.registrations, by: life.host, now: now)
        let catalog = events.catalog(catalog, known)
        guard isFirst else {
            return RegisteredCatalog(catalog, watermarks: known.mapValues(\.watermark))
        }
        let areOurs = try await life.begin(catalog, in: store, logger)
        // What is taken over is leased to this host anew, so that only the first call may ask for its own: for all.
        let abandoned = try await store.takeOver(
            host: life.host, hostRestarted: areOurs, except: [], lease: settings.lease, limit: Int(Int32.max))
        let standing = Standing(catalog, known: known, now: now)
        for change in standing.redefined {
            logger.notice(
                "job changed while no daemon was running; its schedule applies from now",
                metadata: ["job": "\(change.job)", "decided_until": "\(change.decidedUntil)"])
        }
        return RegisteredCatalog(
            catalog, watermarks: standing.watermarks, countsFrom: standing.countsFrom, abandoned: abandoned)
    }
}

extension StoreWrite {
    /// What it is counted as; nil for what is not counted.
    fileprivate var operation: Counters.Operation? {
        switch self {
        case .claim: .claim
        case .startAttempt: .startAttempt
        case .awaitRetry: .awaitRetry
        case .finish: .finish
        case .record: .decide
        case .register, .note: nil
        }
    }
}
