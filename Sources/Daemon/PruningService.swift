import CivilTime
import Logging
import Records
import RunEngine
import RunModel
import ServiceLifecycle

/// Takes away what is older than anybody wants to keep, a little at a time.
struct PruningService: Service {
    let host: HostID
    let store: any RetentionStore
    let retention: Retention
    let interval: Duration
    let board: HealthBoard
    let logger: Logger

    func run() async {
        // The hosts of a store do not all begin at once.
        var pause = min(EngineLimits.pruningDelay + Spread.pruning(host), interval)
        while await waited(pause) {
            await prune()
            pause = interval
        }
    }

    /// Takes away all that is too old, in batches between which others get their turn.
    private func prune() async {
        var total = Pruning(runs: 0, attempts: 0, excerpts: 0, events: 0)
        do throws(StoreError) {
            while !board.read(\.store.isFailing) {
                let taken = try await store.prune(retention, limit: EngineLimits.pruningBatch)
                total.add(taken)
                guard !taken.isEmpty, await waited(EngineLimits.pruningPause) else { break }
            }
        } catch {
            logger.warning(
                "pruning was interrupted, and goes on later",
                metadata: ["error": "\(error)", "hint": "\(error.hint ?? "")"])
        }
        if total.isEmpty { return }
        logger.info(
            "pruned",
            metadata: [
                "runs": "\(total.runs)", "attempts": "\(total.attempts)", "excerpts": "\(total.excerpts)",
                "events": "\(total.events)",
            ])
    }

    /// Sleeps; false when the service is to end.
    private func waited(_ pause: Duration) async -> Bool {
        // A sleep that was cut short is told by what cut it short.
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
        return !Task.isShuttingDownGracefully && !Task.isCancelled
    }
}
