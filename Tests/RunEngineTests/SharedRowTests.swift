import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Testing

@Suite("a row of several occurrences, of which another host decided the first")
struct SharedRowTests {
    /// The row for the seconds 1 to 3439, and the definition that made them due as a store keeps it.
    private func shared() throws -> (row: RunRecord, definition: StoredDefinition) {
        let job = try makeJob(when: "* * * * * *")
        let bench = Bench([job], considered: 0, at: 3600)
        let rows = bench.effects.flatMap { effect -> [RunRecord] in
            if case .record(_, let rows) = effect { rows } else { [] }
        }
        let definition = StoredDefinition(
            job: job.name, since: at(0), configHash: job.configHash, zoneData: nil,
            definition: job.definitionText, host: HostID("h/1"))
        return (try #require(rows.first), definition)
    }

    @Test("what is left is told by the definition that the store kept")
    func rest() throws {
        let (row, definition) = try shared()
        #expect(row.scheduledUntil == at(3439))
        let rest = try #require(row.rest(after: at(3000), by: [definition], zones: OnlyUTC()))
        #expect(rest.id == RunID(job: row.job, scheduledFor: at(3001)))
        #expect([rest.scheduledFor, rest.dueAt, rest.scheduledUntil] == [at(3001), at(3001), at(3439)])
        #expect(rest.occurrences == 439)
        #expect(rest.detail == RunRecord.sharedDetail(439, "no daemon was running"))
        let last = row.rest(after: at(3438), by: [definition], zones: OnlyUTC())
        #expect(last?.scheduledFor == at(3439))
        #expect(last?.scheduledUntil == nil)
        #expect(row.rest(after: at(3439), by: [definition], zones: OnlyUTC()) == nil)
    }

    @Test("nothing is told by a definition that is not known, or under which something else was due")
    func unknown() throws {
        let (row, known) = try shared()
        var forgotten = known
        forgotten.definition = nil
        var other = known
        other.configHash = "c0ffee"
        var moved = known
        moved.definition = try makeJob(when: "*/2 * * * * *").definitionText
        for definitions in [[], [forgotten], [other], [moved]] {
            #expect(row.rest(after: at(3000), by: definitions, zones: OnlyUTC()) == nil)
        }
    }
}
