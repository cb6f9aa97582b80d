import Host
import RunEngine
import StatusServer

/// Answers questions about health from the board.
struct BoardSource: HealthSource {
    let board: HealthBoard

    func health() -> HealthReport {
        HealthAssessment.report(board.facts, now: Clocks.now())
    }

    func isReady() -> Bool {
        let facts = board.facts
        return facts.beatAt != nil && !facts.isStopping
    }
}
