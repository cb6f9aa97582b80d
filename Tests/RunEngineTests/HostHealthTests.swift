import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Testing

@Suite("the hosts in health")
struct HostHealthTests {
    private func facts(_ jobs: [Job] = [], hosts: [HostSighting] = []) -> HealthFacts {
        var facts = HealthFacts(
            host: HostID("a/1"), version: "1", storeKind: "postgres", startedAt: at(0),
            catalog: Catalog(jobs: jobs, zoneData: nil))
        facts.hosts = hosts
        return facts
    }

    private func sighting(
        _ name: String, offset: Duration = .zero, hash: String? = nil, alive: Bool = true,
        stopped: Bool = false,
        seen: Double = 0
    ) -> HostSighting {
        HostSighting(
            host: HostID(name), version: "1", startedAt: at(0), seenAt: at(seen), clockOffset: offset,
            catalogHash: hash ?? facts().catalog.hash, jobs: 2, hasStopped: stopped, isAlive: alive)
    }

    private func check(_ hosts: [HostSighting], now: Double = 60) -> HealthCheck? {
        HealthAssessment.report(facts(hosts: hosts), now: at(now)).checks.first { $0.component == "hosts" }
    }

    @Test("hosts that are alive, agree and keep time pass")
    func pass() {
        let check = check([sighting("a/1", offset: .seconds(5)), sighting("b/1", offset: .seconds(900))])
        #expect(check?.status == .pass && check?.observedValue == .integer(2))
    }

    @Test("where several hosts are alive health says what it means to choose run, before an outage and in it")
    func chosenRun() {
        let both = [sighting("a/1"), sighting("b/1")]
        let price =
            "with ALMANAC_STORE_OUTAGE=run each of 2 hosts makes every run that falls due in an outage; "
            + "auto and hold make none twice"
        for (policy, hosts, isTold) in [
            (StoreOutagePolicy.run, both, true), (.run, [sighting("a/1")], false),
            (.run, [sighting("a/1"), sighting("b/1", alive: false, stopped: true)], false),
            (.hold, both, false), (.auto, both, false),
        ] {
            var facts = facts(hosts: hosts)
            facts.journal = JournalStatus(policy: policy)
            func check(_ component: String) -> HealthCheck? {
                HealthAssessment.report(facts, now: at(60)).checks.first { $0.component == component }
            }
            #expect(check("hosts")?.status == .pass && check("hosts")?.output == (isTold ? price : nil))
            #expect(check("store")?.output?.contains(price) != true)
            facts.journal?.outageSince = at(30)
            facts.journal?.policy = policy == .auto ? .run : policy
            #expect((check("store")?.output?.contains(price) ?? false) == isTold)
        }
    }

    @Test("before the store has answered nothing is said of hosts")
    func unknown() {
        #expect(check([]) == nil)
    }

    @Test(
        "a clock that is off is told, with how far and by which clock",
        arguments: [
            (Duration.milliseconds(5100), "this host's clock is 5.1 s ahead of the store's"),
            (.milliseconds(-7250), "this host's clock is 7.2 s behind the store's"),
        ])
    func clock(offset: Duration, output: String) {
        let check = check([sighting("a/1", offset: offset)])
        #expect(check?.status == .warn && check?.output == output)
    }

    @Test("a host with another catalog is named, as long as it is alive")
    func catalogs() {
        let hosts = [sighting("a/1"), sighting("b/1", hash: "other")]
        #expect(check(hosts)?.output == "b/1 has another catalog, of 2 jobs")
        #expect(check([sighting("b/1", hash: "other", alive: false, stopped: true)])?.status == .pass)
    }

    @Test("a host that fell silent is named for a day, and one that stopped in order is not")
    func silence() {
        let hosts = [sighting("a/1"), sighting("b/1", alive: false, seen: 10)]
        #expect(
            check(hosts)?.output
                == "b/1 has been silent since 2026-03-01T00:00:10Z and did not stop in order")
        #expect(check(hosts, now: 86_411)?.status == .pass)
        #expect(check([sighting("b/1", alive: false, stopped: true)])?.status == .pass)
    }

    @Test(
        "a host of whose identity there is another daemon says so first, with what to do; another host's is its own matter"
    )
    func twin() {
        var hosts = [sighting("a/1", offset: .seconds(6)), sighting("b/1")]
        hosts[0].otherSeenAt = at(10)
        let output = check(hosts)?.output ?? ""
        #expect(
            output.hasPrefix(
                "another daemon is a/1, too, and was seen at 2026-03-01T00:00:10Z: after a crash"))
        #expect(output.contains("remove host-id there, and start it; this host's clock is 6.0 s ahead"))
        #expect(check(hosts)?.status == .warn)
        #expect(output.utf8.count < 512)
        hosts = [sighting("a/1"), sighting("b/1")]
        hosts[1].otherSeenAt = at(10)
        #expect(check(hosts)?.status == .pass)
    }

    @Test("a heartbeat tells when the jobs that have moved are due, after what was decided")
    func nextDue() throws {
        let hourly = try makeJob(when: "0 * * * *", name: "a")
        let disabled = try makeJob("enabled=no", when: "0 * * * *", name: "b")
        var facts = facts([hourly, disabled])
        facts.instance = DaemonInstance(number: "2", former: "1")
        #expect(facts.heartbeat(at: at(9000), isStopping: false, moved: []).instance == facts.instance)
        func heartbeat(_ moved: [Job]) -> Heartbeat {
            facts.heartbeat(at: at(9000), isStopping: false, moved: moved.map(\.name))
        }
        #expect(heartbeat([hourly]).nextDue.isEmpty, "the store has not told of any job")
        facts.learn([hourly, disabled].map { JobSummary(job: $0.name, watermark: at(3600)) })
        let told: [JobName: Instant?] = [hourly.name: at(7200), disabled.name: nil]
        #expect(heartbeat([hourly, disabled]).nextDue == told, "what nobody decided stays due")
        #expect(heartbeat([]).nextDue.isEmpty)
        #expect(heartbeat([hourly]).followingDue == [hourly.name: at(10_800)])
        facts.countsFrom = [hourly.name: at(8000)]
        #expect(heartbeat([hourly]).nextDue == [hourly.name: at(10_800)])
    }

    @Test("hosts begin to prune at different times, each always at its own")
    func spread() {
        let delays = (0..<50).map { Spread.pruning(HostID("host/\($0)")) }
        #expect(delays == (0..<50).map { Spread.pruning(HostID("host/\($0)")) })
        #expect(delays.allSatisfy { (.zero...EngineLimits.pruningSpread).contains($0) })
        #expect(Set(delays).count == 50)
    }
}
