import CivilTime
import Exposition
import Host
import Journal
import RunEngine
import StatusServer

/// Answers questions about health from the board.
struct BoardSource: HealthSource {
    let board: HealthBoard
    let journaled: JournaledStore?
    /// Has the board brought up to date with the store.
    let ask: @Sendable () -> Void

    /// What was done by hand or by another host is on the board at the second question after it, this much later.
    private static let ageMax: Duration = .seconds(5)

    func health(_ page: HealthPage) -> HealthReport {
        let now = Clocks.now()
        refresh(at: now)
        return board.report(journaled?.status, page: page, at: now)
    }

    private func refresh(at now: Instant) {
        // Also after the clock was set back, when what was seen later than now is old.
        if let seenAt = board.read(\.storeSeenAt), now < seenAt || now - seenAt > Self.ageMax { ask() }
    }

    func metrics(isScrape: Bool) -> [UInt8] {
        let now = Clocks.now()
        refresh(at: now)
        defer { if isScrape { board.count { $0.scrapedAt = now } } }
        return board.metrics(journaled?.status, at: now)
    }

    func isReady() -> Bool {
        board.read { $0.beatAt != nil && !$0.isStopping }
    }
}
