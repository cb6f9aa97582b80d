import CivilTime
import Host
package import JobCatalog
package import Logging
package import Operations
package import Records
package import RunEngine
import RunModel
import Scheduling
import ServiceLifecycle
import Synchronization

/// Drives the scheduler: takes what arrived, hands it to the core, and performs what comes out.
package final class EngineService: Service {
    let life: HostLife
    let store: any DaemonStore
    let performer: RunPerformer
    let board: HealthBoard
    let logger: Logger
    let settings: EngineSettings
    let hostWatch: HostWatch
    let registered: Box<Catalog>
    let events: HostEvents
    private let drainLimit: Duration
    private let sleepMax: Duration
    /// nil once it has begun: what the store said of all jobs is not kept.
    private let beginning: Mutex<Beginning?>
    private let timer: WakeTimer
    private let beat: @Sendable (String) -> Void
    private let lookAround: @Sendable () async -> Void
    var host: HostID { life.host }
    let mailbox = Mailbox<Event>()
    /// Those who send requests: as many as there are slots.
    let senders: Workers
    /// Those who ask the store; calls that wait there at once share transactions.
    let recorders = Workers(width: EngineLimits.storeCallsMax)
    /// Who wants to know what others did.
    let questions = Mailbox<Void>()
    /// Events that the store has not taken yet.
    let untold = Mutex<[StoreEvent]>([])
    /// The live runs that the loop was told of last; none before the first time.
    let counted = Atomic(-1)
    /// Whether abandoned runs are being looked for.
    let isAsking = Atomic(false)
    /// For each job the pause that its claims met last.
    let pausesTold = Mutex<[JobName: Pause]>([:])
    /// The rewindings that the loop was told of, the last of each job.
    let rewindsTaken = Mutex<[JobName: Instant]>([:])
    /// What ends the requests that are under way or wait for their sender.
    let cancellations = Mutex<[RunID: Cancellation]>([:])
    /// What the log says of runs.
    let runLog = Mutex(RunLog())
    private let reloads = Mutex(Reloads())

    /// How the service begins.
    package enum Beginning: Sendable {
        /// With a catalog that the store knows already.
        case prepared(RegisteredCatalog)
        /// With this catalog, once the wall clock can be right: until then the store must know nothing of it.
        case whenClockIsSet(Catalog)
    }

    /// What is to be done when catalogs come into force, by their numbers; the first catalog of a daemon has the number 0.
    private struct Reloads {
        var count = 0
        var actions: [Int: @Sendable () -> Void] = [:]
    }

    /// A service that begins when `begin` is called. `sleepMax` bounds the time between two turns of its loop, after
    /// each of which `beat` gets a line about what is next. `registered` takes each catalog before the store learns of it.
    /// `lookAround` is called about once a minute, so that others need no timer of their own: an idle daemon wakes once
    /// for all. Throws when the system gives no timer.
    package init(
        life: HostLife, store: any DaemonStore, performer: RunPerformer, board: HealthBoard, logger: Logger,
        settings: EngineSettings, drainLimit: Duration, sleepMax: Duration, beginning: Beginning,
        registered: Box<Catalog>,
        events: HostEvents, hostWatch: HostWatch, beat: @escaping @Sendable (String) -> Void,
        lookAround: @escaping @Sendable () async -> Void
    ) throws(CommandError) {
        self.life = life
        self.store = store
        self.performer = performer
        self.board = board
        self.logger = logger
        self.settings = settings
        self.drainLimit = drainLimit
        self.sleepMax = sleepMax
        self.beginning = Mutex(beginning)
        self.registered = registered
        self.events = events
        self.hostWatch = hostWatch
        self.beat = beat
        self.lookAround = lookAround
        senders = Workers(width: settings.requestsMax)
        do {
            timer = try WakeTimer()
        } catch {
            throw CommandError(.software, error.message)
        }
    }

    /// Lets the scheduler begin.
    package func begin() {
        let beginning = beginning.withLock { beginning in
            defer { beginning = nil }
            return beginning
        }
        switch beginning {
        case .prepared(let registered)?: mailbox.put(.loaded(registered))
        case .whenClockIsSet(let catalog)?: mailbox.put(.reload(catalog, number: 0))
        case nil: preconditionFailure("the service has begun before")
        }
    }

    /// Puts another catalog in force, once the store knows its jobs, unless a newer one comes first;
    /// `cameIntoForce` is called just before. Not before `begin`.
    package func reload(_ catalog: Catalog, cameIntoForce: @escaping @Sendable () -> Void) {
        let number = reloads.withLock { reloads in
            reloads.count += 1
            reloads.actions[reloads.count] = cameIntoForce
            return reloads.count
        }
        mailbox.put(.reload(catalog, number: number))
    }

    /// Stops waiting for what is under way.
    package func hurry() {
        mailbox.put(.hurry)
    }

    package func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { [self] in await keepWaking() }
                group.addTask { [self] in await keepRefreshing() }
                group.addTask { [board] in await board.keepSettled() }
                await loop(&group)
                _ = writeLog(busy: 0, isEnd: true)
                // However the loop ended: nobody waits any more, and the timer's wait ends now.
                group.cancelAll()
                timer.arm(at: Clocks.now())
            }
        } onGracefulShutdown: { [mailbox] in
            mailbox.put(.stop)
        }
    }

    /// Turns the timer's wake-ups into events, until the loop has ended.
    private func keepWaking() async {
        while !Task.isCancelled {
            // That the clock was set is seen by comparing it with others, which also tells by how much.
            await timer.wait()
            mailbox.put(.woke)
        }
    }

    private func loop(_ group: inout DiscardingTaskGroup) async {
        var scheduler = Scheduler(host: host, settings: settings)
        var clocks = ClockWatch(Self.clockReading())
        var lookedAt: Duration?
        for await _ in mailbox.arrivals {
            let reading = Self.clockReading()
            for change in clocks.observe(reading) { tell(change) }
            let events = mailbox.takeAll()
            if events.contains(where: \.isStop) { hurryLater(&group) }
            for effect in scheduler.handle(events, at: reading.wall) {
                if effect == .drained { return }
                perform(effect, scheduler, &group)
            }
            if lookedAt.map({ reading.sinceBoot - $0 >= Self.lookInterval }) ?? true {
                lookedAt = reading.sinceBoot
                group.addTask { [self] in
                    await lookAround()
                    await greet()
                    // A daemon with nothing to do hears of what people did within a minute.
                    ask()
                }
            }
            // A burst that lasts is told while it does.
            let sleep = writeLog(busy: scheduler.work.count) ? min(RunLog.interval, sleepMax) : sleepMax
            let wakesAt = min(scheduler.wakeAt ?? .latest, reading.wall + sleep)
            timer.arm(at: wakesAt)
            publish(scheduler, reading.wall, wakesAt: wakesAt)
        }
    }

    /// A minute, and somewhat less: with that the turns of an idle loop are all of them times to look around.
    private static let lookInterval: Duration = .seconds(55)

    private static func clockReading() -> ClockReading {
        ClockReading(wall: Clocks.now(), sinceBoot: Clocks.sinceBoot(), awake: Clocks.awake())
    }

    private func hurryLater(_ group: inout DiscardingTaskGroup) {
        group.addTask { [drainLimit, mailbox] in
            // A cancelled sleep means that everything has ended.
            if (try? await Task.sleep(for: drainLimit)) != nil { mailbox.put(.hurry) }
        }
    }

    /// A catalog is in force: what waited for it follows, then it is shown.
    func inForce(_ number: Int, _ scheduler: Scheduler) {
        let action = reloads.withLock { reloads in
            let action = reloads.actions[number]
            // Those that it superseded never come into force.
            reloads.actions = reloads.actions.filter { $0.key > number }
            return action
        }
        action?()
        board.show(scheduler.catalog, scheduler.jobs)
        // Of the catalog before it, and of what the store answered.
        ProcessMemory.releaseFreed()
    }

    private func publish(_ scheduler: Scheduler, _ now: Instant, wakesAt: Instant) {
        let next = scheduler.nextDue
        tellStandstill(scheduler.clockAheadSince, after: board.read(\.clockAheadSince))
        board.update {
            $0.beatAt = now
            $0.wakesAt = wakesAt
            $0.nextDue = next?.at
            $0.oldestWaiting = scheduler.oldestWaiting
            $0.reloadPendingSince = scheduler.reloadPendingSince
            $0.clockAheadSince = scheduler.clockAheadSince
            $0.running = scheduler.requesting
            $0.isStopping = scheduler.isStopping
        }
        let jobs = scheduler.catalog.jobs.count
        var status = "\(EnglishList.count(jobs, "job")), \(scheduler.requesting) running"
        if let next, !scheduler.isStopping { status += "; next is \(next.job) at \(next.at)" }
        let troubles = board.troubles(at: now)
        if !troubles.isEmpty { status = troubles.joined(separator: "; ") + "; " + status }
        if now < Program.clockFloor { status = HealthAssessment.waitingForClock(now) }
        beat(scheduler.isStopping ? "stopping: " + status : status)
    }
}

extension Event {
    fileprivate var isStop: Bool {
        if case .stop = self { true } else { false }
    }
}
