import CivilTime
import Exposition
import Host
import JobCatalog
import Journal
import Logging
import Operations
import Records
import RunEngine
import RunModel
import Synchronization

/// What the service asks the store besides runs, and what it makes of the answers.
extension EngineService {
    /// Looks for runs whose owner is gone, and brings this host and the store up to date with each other.
    func takeOver(except held: [RunID]) async {
        // One question at a time: a store that hangs must not collect them. Health tells it by how long this
        // one is open.
        guard isAsking.exchange(true, ordering: .acquiringAndReleasing) == false else { return }
        let isAnswered = await takeOverAbandoned(except: held)
        isAsking.store(false, ordering: .releasing)
        guard isAnswered else { return }
        questions.put(())
        await greet()
    }

    /// Tells the store that this host is there, unless it was told just now, and the loop when its clock is ahead.
    func greet() async {
        if await hostWatch.beat() == true { mailbox.put(.clock(isAhead: true)) }
    }

    /// From now on the loop learns when nothing may begin, since the store is away, and when that is over.
    func follow(_ records: DaemonStart.Records) {
        records.news.value = { [mailbox] news in
            switch news {
            case .outageBegan(_, let policy): if policy != .run { mailbox.put(.held(true)) }
            case .outageEnded: mailbox.put(.held(false))
            case .delivered, .setAside, .rewound, .registeredAgain, .journalFailed: break
            }
        }
        guard let status = records.journaled?.status, status.outageSince != nil else { return }
        if status.policy != .run { mailbox.put(.held(true)) }
    }

    /// Compares the store's clock with this host's, for the loop.
    func compareClocks() async {
        guard let isAhead = await hostWatch.compareClocks() else { return }
        mailbox.put(.clock(isAhead: isAhead))
    }

    /// Logs that this host decides nothing for its clock, and that it does again.
    func tellStandstill(_ since: Instant?, after before: Instant?) {
        if since != nil, before == nil {
            logger.error(
                "this host's clock is ahead of the store's; nothing is decided until it is right",
                metadata: ["hint": "\(HostSighting.clockHint)"])
        } else if since == nil, before != nil {
            logger.notice(
                "this host's clock is right again; jobs are decided from where the store says they are")
        }
    }

    /// Takes over all runs whose owner is gone, and gives the store what it has not been told; false when it failed.
    private func takeOverAbandoned(except held: [RunID]) async -> Bool {
        let begun = ContinuousClock.now
        defer { count(.takeOver, since: begun) }
        board.update { $0.store.asked(.takeOver, at: Clocks.now()) }
        do throws(StoreError) {
            var isLast = false
            while !isLast {
                let abandoned = try await store.takeOver(
                    host: host, hostRestarted: false, except: held, lease: settings.lease,
                    limit: EngineLimits.takeOverMax)
                if !abandoned.isEmpty { mailbox.put(.tookOver(abandoned)) }
                // What was taken over is leased, and not among the next.
                isLast = abandoned.count < EngineLimits.takeOverMax
            }
        } catch {
            storeFailed(.takeOver, error)
            return false
        }
        storeAnswered(.takeOver)
        await deliverEvents()
        return true
    }

    /// Brings what is known of the store up to date, for whoever asks next. The loop does not hear of it: a question
    /// about it must not be what makes it turn.
    package func ask() {
        questions.put(())
    }

    /// Brings the board up to date with what other hosts and people do, whenever somebody wants to know.
    ///
    /// All jobs are read at the start, when the clock was set back, and once in a while, since a host whose clock is
    /// far behind may have done something that looks old; else only what has changed. After each time there is a rest
    /// that leaves most of the store's time to the runs.
    func keepRefreshing() async {
        var readAllAt: ContinuousClock.Instant?
        var readAt = Instant.latest
        for await _ in questions.arrivals {
            _ = questions.takeAll()
            let (begun, now) = (ContinuousClock.now, Clocks.now())
            // What another daemon of this identity has done does not look like others'.
            let isAll =
                now < readAt || board.read(\.isTwin)
                || readAllAt.map { begun - $0 >= Self.readAllInterval } ?? true
            if await isAll ? readAll(at: now) : readChanges(since: readAt - Self.clockTolerance, at: now) {
                readAt = now
                if isAll { readAllAt = begun }
            }
            count(.read, since: begun)
            let took = ContinuousClock.now - begun
            // What the store said of all jobs is much.
            if isAll { ProcessMemory.releaseFreed() }
            // A cancelled sleep means that everything has ended.
            if took > Self.quickRead { try? await Task.sleep(for: took * 9) }
        }
    }

    /// Whoever reads for no longer than this takes nothing from the runs, however often: nobody asks more than once a
    /// second for long.
    private static let quickRead: Duration = .milliseconds(50)
    /// An hour: reading ten thousand jobs takes some 0.1 s.
    private static let readAllInterval: Duration = .seconds(3600)
    /// How far the clocks of hosts may be apart without that a change is seen late: health warns of far less.
    private static let clockTolerance: Duration = .seconds(300)

    private func readAll(at now: Instant) async -> Bool {
        board.update { $0.store.asked(.read, at: now) }
        do throws(StoreError) {
            let summaries = try await store.summaries(until: now)
            board.learn(summaries, all: true)
            read(liveRuns: summaries.reduce(0) { $0 + $1.liveRuns }, try await store.pauses())
            return true
        } catch {
            storeFailed(.read, error)
            return false
        }
    }

    private func readChanges(since: Instant, at now: Instant) async -> Bool {
        board.update { $0.store.asked(.read, at: now) }
        do throws(StoreError) {
            let changes = try await store.changes(since: since, byOthersThan: host, until: now)
            board.learn(changes.summaries, all: false)
            let news = rewindsTaken.withLock { taken in
                let news = changes.rewound.filter { job, at in taken[job].map { $0 < at } ?? true }
                taken.merge(news) { $1 }
                return news
            }
            if !news.isEmpty { mailbox.put(.rewound(news)) }
            read(liveRuns: changes.liveRuns, changes.pauses)
            return true
        } catch {
            storeFailed(.read, error)
            return false
        }
    }

    private func read(liveRuns: Int, _ pauses: [Pause]) {
        // A turn of the loop for what it knows would make a loop look awake that only answers questions.
        if counted.exchange(liveRuns, ordering: .relaxed) != liveRuns {
            mailbox.put(.counted(liveRuns: liveRuns))
        }
        learn(pauses)
        board.update {
            $0.store.answered(.read)
            $0.storeSeenAt = Clocks.now()
        }
    }

    /// Takes which pauses are in force.
    func learn(_ pauses: [Pause]) {
        tell(pauses, after: board.read(\.pauses))
        board.learn(pauses)
    }

    /// Logs what people have paused and let go since the last time; the loop shows it.
    private func tell(_ pauses: [Pause], after before: [Pause]) {
        guard pauses != before else { return }
        for pause in pauses where !before.contains(pause) { logger.notice("\(pause.detail)") }
        for pause in before where !pauses.contains(where: { $0.scope == pause.scope }) {
            logger.notice("\(pause.scope.key == "*" ? "all jobs" : pause.scope.key) not paused any more")
        }
        mailbox.put(.woke)
    }

    /// Asks the store for a run that somebody wants; once it is this host's, the loop makes it.
    func take(
        _ run: RunRecord, of job: Job, ignoresPause: Bool
    ) async throws(CommandError) -> ClaimAnswer {
        let claim = Claim(
            run: run, isExclusive: job.policy.overlap != .allow, ignoresPause: ignoresPause,
            lease: settings.lease)
        let answer: ClaimAnswer
        do throws(StoreError) {
            answer = try await store.claim(claim)
        } catch {
            throw CommandError(error)
        }
        if case .claimed(let owned) = answer { mailbox.put(.asked(run, owned)) }
        return answer
    }

    func storeAnswered(_ question: StoreSigns.Question) {
        board.update { $0.store.answered(question) }
    }

    func storeFailed(_ question: StoreSigns.Question, _ error: StoreError) {
        let isNews = board.read { $0.store.failure == nil }
        board.update { $0.store.failed(question, error) }
        if isNews {
            logger.error(
                "the store does not answer", metadata: ["error": "\(error)", "hint": "\(error.hint ?? "")"])
        }
    }
}
