import Host
import Logging
import Records
import RunEngine
import Synchronization

/// What happens beside the runs, and may explain what became of one.
extension EngineService {
    /// The most events that wait for a store that is away; the oldest are given up for newer ones.
    private static let untoldMax = 1000

    /// Keeps an event, with the next heartbeat that the store answers.
    func note(_ kind: StoreEvent.Kind, _ detail: String) {
        let event = StoreEvent(at: Clocks.now(), host: host, kind: kind, detail: detail)
        untold.withLock { untold in
            untold.append(event)
            if untold.count > Self.untoldMax { untold.removeFirst() }
        }
    }

    /// Logs what happened to the clocks, and keeps it.
    func tell(_ change: ClockChange) {
        logger.notice("clock", metadata: ["detail": "\(change.sentence)"])
        note(.clockStep, change.sentence)
    }

    /// Gives the store the events that it has not taken yet.
    func deliverEvents() async {
        let waiting = untold.withLock { untold in
            defer { untold = [] }
            return untold
        }
        guard !waiting.isEmpty else { return }
        do throws(StoreError) {
            try await store.note(waiting)
            storeAnswered(.note)
        } catch {
            untold.withLock { $0 = Array((waiting + $0).suffix(Self.untoldMax)) }
            storeFailed(.note, error)
        }
    }
}
