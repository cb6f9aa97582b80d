import Host
import Logging
import RunEngine
import RunModel
import Synchronization

/// What the loop asks the store besides runs, and what it makes of the answers.
extension EngineService {
    /// Looks for runs whose owner is gone, and brings this host and the store up to date with each other.
    func takeOver() async {
        // One question at a time: a store that hangs must not collect them. Health tells it by how long this
        // one is open.
        guard isAsking.exchange(true, ordering: .acquiringAndReleasing) == false else { return }
        let isAnswered = await takeOverAbandoned()
        isAsking.store(false, ordering: .releasing)
        guard isAnswered else { return }
        // This may go on for as long as runs end, which must not keep the next look waiting.
        await refresh()
        await hostWatch.beat()
    }

    /// Takes over all runs whose owner is gone, and gives the store what it has not been told; false when it failed.
    private func takeOverAbandoned() async -> Bool {
        board.update { $0.store.asked(.takeOver, at: Clocks.now()) }
        do throws(StoreError) {
            var isLast = false
            while !isLast {
                let abandoned = try await store.takeOver(
                    host: host, hostRestarted: false, lease: settings.lease,
                    limit: EngineLimits.takeOverMax)
                if !abandoned.isEmpty { mailbox.put(.event(.tookOver(abandoned))) }
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

    /// Brings the board up to date with the store, which also knows what other hosts and people did.
    ///
    /// Whoever asks while that is under way is served by one more time, after a rest that leaves most of the store's
    /// time to the runs.
    func refresh() async {
        let isFirst = refreshesWanted.withLock { wanted in
            wanted += 1
            return wanted == 1
        }
        guard isFirst else { return }
        var isDone = false
        while !isDone {
            let served = refreshesWanted.withLock(\.self)
            let took = await ContinuousClock().measure { await askForSummaries() }
            isDone = refreshesWanted.withLock { wanted in
                guard wanted == served else { return false }
                wanted = 0
                return true
            }
            // A cancelled sleep means that everything has ended.
            if !isDone { try? await Task.sleep(for: took * 9) }
        }
    }

    private func askForSummaries() async {
        board.update { $0.store.asked(.read, at: Clocks.now()) }
        do throws(StoreError) {
            let summaries = try await store.summaries(until: Clocks.now())
            let pauses = try await store.pauses()
            // A turn of the loop for what it knows would make a loop look awake that only answers questions.
            let liveRuns = summaries.reduce(0) { $0 + $1.liveRuns }
            if counted.exchange(liveRuns, ordering: .relaxed) != liveRuns {
                mailbox.put(.event(.counted(liveRuns: liveRuns)))
            }
            board.update {
                $0.summaries = summaries
                $0.pauses = pauses
                $0.store.answered(.read)
                $0.storeSeenAt = Clocks.now()
            }
        } catch {
            storeFailed(.read, error)
        }
    }

    func storeAnswered(_ question: StoreSigns.Question) {
        board.update { $0.store.answered(question) }
    }

    func storeFailed(_ question: StoreSigns.Question, _ error: StoreError) {
        let isNews = board.facts.store.failure == nil
        board.update { $0.store.failed(question, error) }
        if isNews {
            logger.error(
                "the store does not answer", metadata: ["error": "\(error)", "hint": "\(error.hint ?? "")"])
        }
    }
}
