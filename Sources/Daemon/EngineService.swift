import CivilTime
import Host
package import JobCatalog
package import Logging
package import RunEngine
package import RunModel
import ServiceLifecycle
import Synchronization

/// Drives the scheduler: brings it events, performs its effects, and wakes it in time.
package final class EngineService: Service {
    /// Something for the loop.
    private enum Message: Sendable {
        case event(Event)
        case reload(Reload)
        /// The store knows the jobs of a reload.
        case registered(Reload, number: Int, watermarks: [JobName: Instant])
    }

    /// Another catalog, and what to do when it comes into force.
    private struct Reload: Sendable {
        var catalog: Catalog
        var cameIntoForce: @Sendable () -> Void
    }

    private let host: HostID
    private let store: any Store
    private let performer: RunPerformer
    let board: HealthBoard
    let logger: Logger
    private let settings: EngineSettings
    private let drainLimit: Duration
    private let sleepMax: Duration
    private let start: Event
    private let timer: WakeTimer
    /// Whether abandoned runs are being looked for.
    private let isAsking = Atomic(false)
    /// For each job the pause that its claims met last.
    let pausesTold = Mutex<[JobName: Pause]>([:])
    private let beat: @Sendable (String) -> Void
    private let messages: AsyncStream<Message>
    private let mailbox: AsyncStream<Message>.Continuation

    /// A service whose first event is `start`, which brings the jobs that the store knows already. `sleepMax`
    /// bounds the time between two turns of its loop, after each of which `beat` gets a line about what is
    /// next. Throws when the system gives no timer.
    package init(
        host: HostID, store: any Store, performer: RunPerformer, board: HealthBoard, logger: Logger,
        settings: EngineSettings, drainLimit: Duration, sleepMax: Duration, start: Event,
        beat: @escaping @Sendable (String) -> Void
    ) throws(CommandError) {
        self.host = host
        self.store = store
        self.performer = performer
        self.board = board
        self.logger = logger
        self.settings = settings
        self.drainLimit = drainLimit
        self.sleepMax = sleepMax
        self.beat = beat
        do {
            timer = try WakeTimer()
        } catch {
            throw CommandError(.software, error.message)
        }
        (messages, mailbox) = AsyncStream.makeStream()
        self.start = start
    }

    /// Lets the scheduler begin, with the event that it was made for.
    package func begin() {
        mailbox.yield(.event(start))
    }

    /// Puts another catalog in force, once the store knows its jobs, unless a newer one comes first;
    /// `cameIntoForce` is called just before.
    package func reload(_ catalog: Catalog, cameIntoForce: @escaping @Sendable () -> Void) {
        mailbox.yield(.reload(Reload(catalog: catalog, cameIntoForce: cameIntoForce)))
    }

    /// Stops waiting for what is under way.
    package func hurry() {
        mailbox.yield(.event(.hurry))
    }

    package func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { [self] in await keepWaking() }
                await loop(&group)
                // However the loop ended: nobody waits any more, and the timer's wait ends now.
                group.cancelAll()
                timer.arm(at: Clocks.now())
            }
        } onGracefulShutdown: { [mailbox] in
            mailbox.yield(.event(.stop))
        }
        mailbox.finish()
    }

    /// Turns the timer's wake-ups into events, until the loop has ended.
    private func keepWaking() async {
        while !Task.isCancelled {
            if await timer.wait() == .clockSet { logger.notice("the wall clock was set") }
            mailbox.yield(.event(.woke))
        }
    }

    private func loop(_ group: inout DiscardingTaskGroup) async {
        var scheduler = Scheduler(host: host, settings: settings)
        var cancellations: [RunID: Cancellation] = [:]
        var reloads = 0
        for await message in messages {
            let now = Clocks.now()
            let event: Event
            switch message {
            case .event(let given): event = given
            case .reload(let reload):
                reloads += 1
                group.addTask { [self, reloads] in await register(reload, number: reloads) }
                continue
            case .registered(let reload, let number, let watermarks):
                // A newer one is on its way, or in force.
                guard number == reloads else { continue }
                reload.cameIntoForce()
                event = .loaded(reload.catalog, watermarks: watermarks, abandoned: [])
            }
            if case .stop = event { hurryLater(&group) }
            let effects = scheduler.handle(event, at: now)
            for effect in effects {
                if effect == .drained { return }
                perform(effect, &cancellations, &group)
            }
            cancellations = cancellations.filter { scheduler.runs[$0.key] != nil }
            let wakeAt = min(scheduler.wakeAt ?? now + sleepMax, now + sleepMax)
            timer.arm(at: wakeAt)
            publish(scheduler, now)
        }
    }

    /// Makes the jobs of a catalog known to the store, then puts it in force; tried again while the store is
    /// away.
    private func register(_ reload: Reload, number: Int) async {
        while !Task.isCancelled {
            do throws(StoreError) {
                let watermarks = try await store.register(
                    reload.catalog.registrations, by: host, now: Clocks.now()
                ).mapValues(\.watermark)
                mailbox.yield(.registered(reload, number: number, watermarks: watermarks))
                return
            } catch {
                storeFailed(error)
                // A cancelled sleep ends the loop by its condition.
                try? await Task.sleep(for: EngineLimits.storeRetry.upperBound)
            }
        }
    }

    private func hurryLater(_ group: inout DiscardingTaskGroup) {
        group.addTask { [drainLimit, mailbox] in
            // A cancelled sleep means that everything has ended.
            if (try? await Task.sleep(for: drainLimit)) != nil { mailbox.yield(.event(.hurry)) }
        }
    }

    private func perform(
        _ effect: Effect, _ cancellations: inout [RunID: Cancellation], _ group: inout DiscardingTaskGroup
    ) {
        switch effect {
        case .run(let id, let job, let effect):
            let cancellation = cancellations[id] ?? Cancellation()
            cancellations[id] = cancellation
            group.addTask { [self] in
                let event = await performer.perform(effect, of: id, job, cancellation: cancellation)
                note(event, job, id)
                mailbox.yield(.event(.run(id, event)))
            }
        case .cancel(let id): cancellations[id]?.cancel()
        case .record(let name, let rows):
            group.addTask { [self] in
                let result = await RunPerformer.result { () throws(StoreError) in try await store.record(rows)
                }
                switch result {
                case .success: rows.forEach(log)
                case .failure(let error): storeFailed(error)
                }
                mailbox.yield(.event(.recorded(name, result)))
            }
        case .renew(let owned):
            group.addTask { [self] in
                do throws(StoreError) {
                    let lost = try await store.renew(owned, lease: settings.lease)
                    for id in lost { logger.error("lease lost", metadata: ["run": "\(id)"]) }
                    if !lost.isEmpty { mailbox.yield(.event(.renewed(lost: lost))) }
                } catch {
                    storeFailed(error)
                }
            }
        case .takeOver:
            group.addTask { [self] in await takeOver() }
        case .ended(let row):
            log(row)
            group.addTask { [self] in await refresh() }
        case .drained: break
        }
    }

    private func takeOver() async {
        // One question at a time: a store that hangs must not collect them. Health tells it by how long this
        // one is open.
        guard isAsking.exchange(true, ordering: .acquiringAndReleasing) == false else { return }
        defer { isAsking.store(false, ordering: .releasing) }
        board.update { $0.storeAskedAt = Clocks.now() }
        do throws(StoreError) {
            let abandoned = try await store.takeOver(
                host: host, hostRestarted: false, lease: settings.lease, limit: EngineLimits.takeOverMax)
            if !abandoned.isEmpty { mailbox.yield(.event(.tookOver(abandoned))) }
        } catch {
            storeFailed(error)
            return
        }
        await refresh()
    }

    /// Brings the board up to date with the store, which also knows what other hosts and people did.
    private func refresh() async {
        do throws(StoreError) {
            let summaries = try await store.summaries()
            let pauses = try await store.pauses()
            board.update {
                $0.summaries = summaries
                $0.pauses = pauses
                $0.storeError = nil
                $0.storeAskedAt = nil
                $0.storeSeenAt = Clocks.now()
            }
        } catch {
            storeFailed(error)
        }
    }

    func storeFailed(_ error: StoreError) {
        let isNews = board.facts.storeError == nil
        board.update {
            $0.storeError = error
            $0.storeAskedAt = nil
        }
        if isNews {
            logger.error(
                "the store does not answer", metadata: ["error": "\(error)", "hint": "\(error.hint ?? "")"])
        }
    }

    private func publish(_ scheduler: Scheduler, _ now: Instant) {
        let next = scheduler.nextDue
        let running = scheduler.runs.values.count(where: \.isRequesting)
        board.update {
            $0.catalog = scheduler.catalog
            $0.beatAt = now
            $0.nextDue = next?.at
            $0.running = running
            $0.isStopping = scheduler.isStopping
            $0.countsFrom = scheduler.countsFrom
        }
        let jobs = scheduler.catalog.jobs.count
        var status = "\(jobs) job\(jobs == 1 ? "" : "s"), \(running) running"
        if let next, !scheduler.isStopping { status += "; next is \(next.job) at \(next.at)" }
        beat(scheduler.isStopping ? "stopping: " + status : status)
    }
}
