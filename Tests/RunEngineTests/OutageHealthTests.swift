import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Testing

@Suite("health while the store is away")
struct OutageHealthTests {
    private func checks(_ change: (inout JournalStatus) -> Void) -> (
        store: HealthCheck?, journal: HealthCheck?
    ) {
        var facts = HealthFacts(
            host: HostID("h/1"), version: "1", storeKind: "postgres", startedAt: at(0),
            catalog: Catalog(jobs: [], zoneData: nil))
        facts.beatAt = at(1000)
        facts.wakesAt = at(1060)
        var journal = JournalStatus(policy: .run)
        change(&journal)
        facts.journal = journal
        if journal.outageSince != nil { facts.store.failed(.read, storeAway) }
        let report = HealthAssessment.report(facts, now: at(1001))
        return (
            report.checks.first { $0.component == "store" },
            report.checks.first { $0.component == "journal" }
        )
    }

    @Test("a store that is there and an empty journal pass")
    func noOutage() {
        let (store, journal) = checks { _ in }
        #expect(store?.status == .pass)
        #expect(journal?.status == .pass)
        #expect(journal?.observedValue == 0)
    }

    @Test("an outage that the journal bridges warns, with its begin, the backlog and its age")
    func bridged() {
        let (store, journal) = checks {
            $0.outageSince = at(900)
            $0.outageError = storeAway
            $0.backlog = JournalBacklog(count: 3, oldestAt: at(941))
        }
        #expect(store?.status == .warn)
        #expect(
            store?.output
                == "the store has been away since \(at(900).rfc3339): \(storeAway); jobs run, and are journalled"
        )
        #expect(journal?.status == .warn)
        #expect(journal?.observedValue == 3)
        #expect(journal?.output == "3 operations wait for the store, the oldest for 60 s")
        #expect(
            journal?.details == [
                .init("oldest_at", .string(at(941).rfc3339)), .init("oldest_age_seconds", 60),
            ])
    }

    @Test("an outage in which nothing starts fails")
    func held() {
        let (store, journal) = checks {
            $0.policy = .hold
            $0.outageSince = at(900)
        }
        #expect(store?.status == .fail)
        #expect(store?.output?.contains("ALMANAC_STORE_OUTAGE=hold") == true)
        #expect(journal?.status == .pass)
    }

    @Test("a journal that cannot be used fails")
    func unusable() {
        let (store, journal) = checks {
            $0.outageSince = at(900)
            $0.journalError = StoreError(.refused, "there is no space left")
        }
        #expect(store?.status == .fail)
        #expect(journal?.status == .fail)
        #expect(journal?.output == "there is no space left")
    }

    @Test("what waits after an outage, and what was set aside, warns")
    func leftovers() {
        let waiting = checks { $0.backlog = JournalBacklog(count: 1, oldestAt: at(1001)) }
        #expect(waiting.store?.status == .pass)
        #expect(waiting.journal?.output == "1 operation waits for the store, the oldest for 0 s")
        let aside = checks { $0.setAside = 2 }
        #expect(aside.journal?.status == .warn)
        #expect(aside.journal?.output == "2 could not be delivered and were set aside")
        #expect(aside.journal?.details == [.init("set_aside", 2)])
    }
}
