import CivilTime
import Host
package import JobCatalog
package import Logging
package import RunEngine
package import RunModel
import Scheduling
import ServiceLifecycle
import Synchronization

/// Drives the scheduler: brings it events, performs its effects, and wakes it in time.
package final class EngineService: Service {
    /// Something for the loop.
    enum Message: Sendable {
        case event(Event)
        /// The first, once everything else is there.
        case begin
        case reload(Reload)
        /// The store knows the jobs of a reload.
        case registered(Reload, number: Int, Event)
    }

    /// How the service begins.
    package enum Beginning: Sendable {
        /// With an event that brings the jobs, which the store knows already.
        case prepared(Event)
        /// With this catalog, once the wall clock can be right: until then the store must know nothing of it.
        case whenClockIsSet(Catalog)
    }

    /// Another catalog, and what to do when it comes into force.
    struct Reload: Sendable {
        var catalog: Catalog
        var cameIntoForce: @Sendable () -> Void
    }

    let host: HostID
    let store: any Store
    private let performer: RunPerformer
    let board: HealthBoard
    let logger: Logger
    private let drainLimit: Duration
    private let sleepMax: Duration
    private let beginning: Beginning
    let settings: EngineSettings
    private let events: HostEvents
    /// Events that the store has not taken yet.
    let untold = Mutex<[StoreEvent]>([])
    private let timer: WakeTimer
    /// Whether abandoned runs are being looked for.
    let isAsking = Atomic(false)
    /// For each job the pause that its claims met last.
    let pausesTold = Mutex<[JobName: Pause]>([:])
    let hostWatch: HostWatch
    private let beat: @Sendable (String) -> Void
    private let lookAround: @Sendable () -> Void
    let mailbox = Mailbox<Message>()
    /// Somebody asks for health, and what is known of the store is old.
    private let questions = Mailbox<Void>()
    /// The live runs that the loop was told of last; none before the first time.
    let counted = Atomic(-1)
    /// How many times the board was to be brought up to date since the last time that it was.
    let refreshesWanted = Mutex(0)

    /// A service that begins when `begin` is called. `sleepMax` bounds the time between two turns of its loop, after
    /// each of which `beat` gets a line about what is next. `lookAround` is called about once a minute, so that others
    /// need no timer of their own: an idle daemon wakes once for all. Throws when the system gives no timer.
    package init(
        host: HostID, store: any Store, performer: RunPerformer, board: HealthBoard, logger: Logger,
        settings: EngineSettings, drainLimit: Duration, sleepMax: Duration, beginning: Beginning,
        events: HostEvents, hostWatch: HostWatch, beat: @escaping @Sendable (String) -> Void,
        lookAround: @escaping @Sendable () -> Void
    ) throws(CommandError) {
        self.host = host
        self.store = store
        self.performer = performer
        self.board = board
        self.logger = logger
        self.settings = settings
        self.drainLimit = drainLimit
        self.sleepMax = sleepMax
        self.events = events
        self.hostWatch = hostWatch
        self.beat = beat
        self.lookAround = lookAround
        do {
            timer = try WakeTimer()
        } catch {
            throw CommandError(.software, error.message)
        }
        self.beginning = beginning
    }

    /// Lets the scheduler begin.
    package func begin() {
        mailbox.put(.begin)
    }

    /// Puts another catalog in force, once the store knows its jobs, unless a newer one comes first;
    /// `cameIntoForce` is called just before.
    package func reload(_ catalog: Catalog, cameIntoForce: @escaping @Sendable () -> Void) {
        mailbox.put(.reload(Reload(catalog: catalog, cameIntoForce: cameIntoForce)))
    }

    /// Brings what is known of the store up to date, for whoever asks next. The loop does not hear of it: a question
    /// about it must not be what makes it turn.
    package func ask() {
        questions.put(())
    }

    /// Stops waiting for what is under way.
    package func hurry() {
        mailbox.put(.event(.hurry))
    }

    package func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { [self] in await keepWaking() }
                group.addTask { [self] in
                    for await _ in questions.arrivals {
                        _ = questions.takeAll()
                        await refresh()
                    }
                }
                await loop(&group)
                // However the loop ended: nobody waits any more, and the timer's wait ends now.
                group.cancelAll()
                timer.arm(at: Clocks.now())
            }
        } onGracefulShutdown: { [mailbox] in
            mailbox.put(.event(.stop))
        }
    }

    /// Turns the timer's wake-ups into events, until the loop has ended.
    private func keepWaking() async {
        while !Task.isCancelled {
            // That the clock was set is seen by comparing it with others, which also tells by how much.
            _ = await timer.wait()
            mailbox.put(.event(.woke))
        }
    }

    private func loop(_ group: inout DiscardingTaskGroup) async {
        var scheduler = Scheduler(host: host, settings: settings)
        var cancellations: [RunID: Cancellation] = [:]
        var reloads = 0
        var hasBegun = false
        // What waits for a clock that can be right.
        var pending: Reload?
        var clocks = ClockWatch(Self.clockReading())
        var lookedAt: Duration?
        for await _ in mailbox.arrivals {
            let reading = Self.clockReading()
            let now = reading.wall
            for change in clocks.observe(reading) { tell(change) }
            var hasLoaded = scheduler.hasLoaded
            var isStopping = scheduler.isStopping
            // A turn looks at every job, so that what happened since the last one is brought to it together.
            var events: [Event] = []
            var effects: [Effect] = []
            for message in mailbox.takeAll() {
                switch message {
                case .event(let event):
                    if case .renewed(let lost) = event {
                        // Whether a run was this host's until now depends on what came before.
                        effects += scheduler.handle(events, at: now)
                        events = []
                        logLost(lost.filter(scheduler.hasLost))
                    }
                    events.append(event)
                    guard case .stop = event else { continue }
                    isStopping = true
                    hurryLater(&group)
                case .begin:
                    hasBegun = true
                    if case .whenClockIsSet(let catalog) = beginning, pending == nil {
                        pending = Reload(catalog: catalog) {}
                    }
                    guard case .prepared(let first) = beginning else { continue }
                    hasLoaded = true
                    events.append(first)
                case .reload(let reload): pending = reload
                case .registered(let reload, let number, let loaded):
                    // A newer one is on its way, or in force, or nothing new is to start.
                    guard number == reloads, !isStopping else { continue }
                    hasLoaded = true
                    reload.cameIntoForce()
                    events.append(loaded)
                }
            }
            // One that stops leaves it to the next start to make jobs known.
            if let reload = pending, hasBegun, !isStopping, now >= Program.clockFloor {
                pending = nil
                reloads += 1
                group.addTask { [self, reloads, isFirst = !hasLoaded] in
                    await register(reload, number: reloads, isFirst: isFirst)
                }
            }
            effects += scheduler.handle(events, at: now)
            for effect in effects {
                if effect == .drained { return }
                perform(effect, &cancellations, &group)
            }
            cancellations = cancellations.filter { scheduler.runs[$0.key] != nil }
            if lookedAt.map({ reading.sinceBoot - $0 >= Self.lookInterval }) ?? true {
                lookedAt = reading.sinceBoot
                lookAround()
                // With this effect it follows what the store answers.
                if !effects.contains(.takeOver) { group.addTask { [self] in await hostWatch.beat() } }
            }
            let wakesAt = min(scheduler.wakeAt ?? now + sleepMax, now + sleepMax)
            timer.arm(at: wakesAt)
            publish(scheduler, now, wakesAt: wakesAt)
        }
    }

    /// A minute, and somewhat less: with that the turns of an idle loop are all of them times to look around.
    private static let lookInterval: Duration = .seconds(55)

    private static func clockReading() -> ClockReading {
        ClockReading(wall: Clocks.now(), sinceBoot: Clocks.sinceBoot(), awake: Clocks.awake())
    }

    /// Makes the jobs of a catalog known to the store, then puts it in force; tried again while the store is
    /// away. The first also brings what an earlier daemon of this host left behind.
    private func register(_ reload: Reload, number: Int, isFirst: Bool) async {
        while !Task.isCancelled {
            do throws(StoreError) {
                let loaded = try await Self.loading(
                    reload.catalog, host, store, settings, events, isFirst: isFirst, logger)
                storeAnswered(.register)
                mailbox.put(.registered(reload, number: number, loaded))
                return
            } catch {
                storeFailed(.register, error)
                // A cancelled sleep ends the loop by its condition.
                try? await Task.sleep(for: EngineLimits.storeRetry.upperBound)
            }
        }
    }

    /// Makes the jobs of a catalog known to the store, and answers the event that puts it in force. The first of a
    /// daemon takes over what an earlier one of this host left behind.
    package static func loading(
        _ catalog: Catalog, _ host: HostID, _ store: any RunStore, _ settings: EngineSettings,
        _ events: HostEvents,
        isFirst: Bool, _ logger: Logger
    ) async throws(StoreError) -> Event {
        let now = Clocks.now()
        let known = try await store.register(catalog.registrations, by: host, now: now)
        let catalog = events.catalog(catalog, known)
        guard isFirst else {
            return .loaded(catalog, watermarks: known.mapValues(\.watermark), abandoned: [])
        }
        // What is taken over is leased to this host anew, so that only the first call may ask for its own: for all.
        let abandoned = try await store.takeOver(
            host: host, hostRestarted: true, lease: settings.lease, limit: Int(Int32.max))
        let standing = Standing(catalog, known: known, now: now)
        for change in standing.redefined {
            logger.notice(
                "the job was changed while no daemon ran, and counts from now",
                metadata: ["job": "\(change.job)", "not known since": "\(change.decidedUntil)"])
        }
        return .loaded(
            catalog, watermarks: standing.watermarks, countsFrom: standing.countsFrom, abandoned: abandoned)
    }

    private func hurryLater(_ group: inout DiscardingTaskGroup) {
        group.addTask { [drainLimit, mailbox] in
            // A cancelled sleep means that everything has ended.
            if (try? await Task.sleep(for: drainLimit)) != nil { mailbox.put(.event(.hurry)) }
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
                mailbox.put(.event(.run(id, event)))
            }
        case .cancel(let id): cancellations[id]?.cancel()
        case .record(let name, let rows):
            group.addTask { [self] in
                let result = await RunPerformer.result { () throws(StoreError) in try await store.record(rows)
                }
                switch result {
                case .success:
                    storeAnswered(.decide)
                    rows.forEach(log)
                case .failure(let error): storeFailed(.decide, error)
                }
                mailbox.put(.event(.recorded(name, result)))
            }
        case .renew(let owned):
            group.addTask { [self] in
                do throws(StoreError) {
                    let lost = try await store.renew(owned, lease: settings.lease)
                    let proofs = owned.filter { lost.contains($0.id) }
                    if !proofs.isEmpty { mailbox.put(.event(.renewed(lost: proofs))) }
                    storeAnswered(.change)
                } catch {
                    storeFailed(.change, error)
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

    private func publish(_ scheduler: Scheduler, _ now: Instant, wakesAt: Instant) {
        let next = scheduler.nextDue
        let oldestWaiting = scheduler.oldestWaiting
        let running = scheduler.runs.values.count(where: \.isRequesting)
        let isWaiting = now < Program.clockFloor
        board.update {
            if scheduler.hasLoaded { $0.catalog = scheduler.catalog }
            $0.beatAt = now
            $0.wakesAt = wakesAt
            $0.nextDue = next?.at
            $0.oldestWaiting = oldestWaiting
            $0.running = running
            $0.isStopping = scheduler.isStopping
            $0.countsFrom = scheduler.countsFrom
        }
        let jobs = scheduler.catalog.jobs.count
        var status = "\(EnglishList.count(jobs, "job")), \(running) running"
        if let next, !scheduler.isStopping { status += "; next is \(next.job) at \(next.at)" }
        if board.facts.reloadProblem != nil { status += "; the last reload failed" }
        if isWaiting { status = HealthAssessment.waitingForClock(now) }
        beat(scheduler.isStopping ? "stopping: " + status : status)
    }
}
