import CivilTime
import Host
import Logging
import RunEngine
import RunModel
import ServiceLifecycle

/// Tells the store every few seconds that this host is there, and the board which others are.
///
/// It stops after the loop: until everything has ended the host counts as alive.
struct HostWatch: Service {
    let store: any HostStore
    let board: HealthBoard
    let logger: Logger

    func run() async {
        var kept: [JobName: Instant?] = [:]
        var isFailing = false
        while !Task.isCancelled {
            let isStopping = Task.isShuttingDownGracefully
            // A store that is away would only delay the end, and the others see the silence.
            if isStopping, board.facts.storeError != nil { return }
            let heartbeat = board.facts.heartbeat(at: Clocks.now(), isStopping: isStopping, kept: kept)
            do throws(StoreError) {
                let hosts = try await store.heartbeat(heartbeat)
                kept.merge(heartbeat.nextDue) { $1 }
                board.update { $0.hosts = hosts }
                isFailing = false
            } catch {
                // What befalls the whole store is logged by the loop; a right that is missing is only seen here.
                let level: Logger.Level = isFailing || error.reason == .unreachable ? .debug : .warning
                logger.log(level: level, "heartbeat not recorded", metadata: ["error": "\(error)"])
                isFailing = true
            }
            if isStopping { return }
            // Woken by the stop, it says goodbye.
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: HostSighting.heartbeat) }
        }
    }
}
