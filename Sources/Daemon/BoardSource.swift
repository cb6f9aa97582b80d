import Host
import Journal
import RunEngine
import StatusServer

/// Answers questions about health from the board.
struct BoardSource: HealthSource {
    let board: HealthBoard
    let journaled: JournaledStore?

    func health() -> HealthReport {
        var facts = board.facts
        facts.journal = journaled?.status
        return HealthAssessment.report(facts, now: Clocks.now())
    }

    func isReady() -> Bool {
        let facts = board.facts
        return facts.beatAt != nil && !facts.isStopping
    }
}
