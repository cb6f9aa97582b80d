import CivilTime
import Records
import RunModel

let watchingChecks = [
    StoreCheck("a job that was decided ahead is set back, and what was requested stays") { bench in
        let store = try await bench.openRegistered()
        let (purge, now) = (StoreBench.purge, StoreBench.occurrence(2) + .seconds(60))
        var shared = StoreBench.decision(1, count: 3)
        try await store.record([StoreBench.decision(0), shared, StoreBench.decision(4)])
        try await StoreBench.complete(StoreBench.claim(5), in: store)
        shared.scheduledUntil = StoreBench.occurrence(2)
        shared.occurrences = 2
        let event = StoreEvent(
            at: now, host: StoreBench.there, kind: .rewound, job: purge, detail: "set back by amina")
        let rewinding = Rewinding(job: purge, to: now, kept: shared, event: event)
        let changed = try await store.rewind(rewinding)
        try expectEqual(
            changed, Rewound(from: StoreBench.occurrence(5), removed: 1), "what was changed")
        try expectEqual(try await store.summary(of: purge).watermark, now, "the watermark")
        try expectEqual(
            try await store.history(HistoryQuery(limit: 10)).map(\.scheduledFor).sorted {
                $0 ?? now < $1 ?? now
            },
            [0, 1, 5].map { StoreBench.occurrence($0) }, "the rows")
        try expectEqual(try await store.existing(shared.id).record, shared, "the row of several occurrences")
        let events = try await store.events(from: now, until: .latest, job: purge, limit: 10)
        try expectEqual(events, [event], "the events")
        let changes = try await store.changes(since: now, byOthersThan: StoreBench.here, until: .latest)
        try expectEqual(changes.rewound, [purge: now], "the jobs that were set back")
        // What is due later is decided again, but not what was requested.
        for number in 3...4 {
            _ = try await store.own(StoreBench.claim(Int64(number), isExclusive: false))
        }
        try expectEqual(try await store.claim(StoreBench.claim(5)), .alreadyDecided, "the answer to a claim")
        try expectEqual(
            try await store.rewind(
                Rewinding(job: purge, to: StoreBench.occurrence(6), kept: nil, event: event)), nil,
            "what is changed of a job that has not come so far")
    },
    StoreCheck("a host that says that it is there is seen by all, alive, at the store's time") { bench in
        let store = try await bench.open()
        let answered = try await store.heartbeat(StoreBench.heartbeat())
        let seen = try await bench.open().hosts()
        try expectEqual(seen, answered, "what another host sees")
        guard let host = seen.first, seen.count == 1 else { throw Violation(description: "hosts: \(seen)") }
        let said = StoreBench.heartbeat()
        try expectEqual(host.host, said.host, "the host")
        try expectEqual(host.version, said.version, "the version")
        try expectEqual(host.startedAt, said.startedAt, "the start")
        try expectEqual(host.catalogHash, said.catalogHash, "the catalog")
        try expectEqual(host.jobs, said.jobs, "the jobs")
        try expect(host.isAlive && !host.hasStopped, "the host is not alive")
        try expectEqual(host.seenAt + host.clockOffset, said.at, "the host's clock by the store's")
    },
    StoreCheck("how far a host's clock is off is told by the store's clock, ahead as positive") { bench in
        let store = try await bench.open()
        let now = try await StoreBench.now(of: store)
        for hours in [Int64(1), -1] {
            let offset = Duration.seconds(3600 * hours)
            let seen = try await store.heartbeat(StoreBench.heartbeat(at: now + offset))
            guard let found = seen.first?.clockOffset else { throw Violation(description: "no host") }
            // The server's clock runs on between the two calls.
            try expect(found <= offset && found > offset - .seconds(1800), "off by \(found), not \(offset)")
        }
    },
    StoreCheck("a host that stops in order is not alive, and one that starts again is") { bench in
        let store = try await bench.open()
        var heartbeat = StoreBench.heartbeat()
        heartbeat.isStopping = true
        let stopped = try await store.heartbeat(heartbeat)
        try expectEqual(stopped.map(\.isAlive), [false], "alive after the stop")
        try expectEqual(stopped.map(\.hasStopped), [true], "stopped")
        let started = try await store.heartbeat(StoreBench.heartbeat())
        try expectEqual(started.map(\.isAlive), [true], "alive after the start")
        try expectEqual(started.map(\.hasStopped), [false], "stopped after the start")
    },
    StoreCheck("hosts are listed by name, each once") { bench in
        let store = try await bench.openRegistered()
        let purge = StoreBench.purge
        for host in [StoreBench.there, StoreBench.here, StoreBench.there] {
            let unknown: [JobName: Instant?] = [purge: StoreBench.midnight, StoreBench.refresh: nil]
            _ = try await store.heartbeat(StoreBench.heartbeat(of: host, nextDue: unknown))
        }
        try expectEqual(
            try await store.hosts().map(\.host), [StoreBench.here, StoreBench.there], "the hosts")
    },
    StoreCheck("events are listed by time, from the first instant on and before the last") { bench in
        let store = try await bench.open()
        let events = [3, 1, 2, 0].map { StoreBench.event($0) }
        try await store.note(events)
        try await store.note([])
        func listed(_ from: Int64, _ until: Int64, limit: Int = 9) async throws -> [StoreEvent] {
            try await store.events(
                from: StoreBench.occurrence(from), until: StoreBench.occurrence(until), job: nil, limit: limit
            )
        }
        try expectEqual(try await listed(0, 4), (0..<4).map { StoreBench.event($0) }, "all events")
        try expectEqual(try await listed(1, 3), [1, 2].map { StoreBench.event($0) }, "a span")
        try expectEqual(try await listed(0, 4, limit: 1), [StoreBench.event(0)], "the oldest")
        try expectEqual(try await listed(9, 9), [], "an empty span")
    },
    StoreCheck("the events of a job are its own and those that concern none") { bench in
        let store = try await bench.open()
        let events = [
            StoreBench.event(0, job: StoreBench.purge), StoreBench.event(1),
            StoreBench.event(2, job: StoreBench.refresh),
        ]
        try await store.note(events)
        let found = try await store.events(
            from: StoreBench.occurrence(0), until: StoreBench.occurrence(9), job: StoreBench.purge, limit: 9)
        try expectEqual(found, [events[0], events[1]], "the job's events")
    },
    StoreCheck("an event that is noted again is kept once, and a long one is cut") { bench in
        let store = try await bench.open()
        var event = StoreBench.event(0)
        event.detail = String(repeating: "ü", count: Limits.detailBytesMax)
        for _ in 1...2 { try await store.note([event, StoreBench.event(1, job: StoreBench.purge)]) }
        let found = try await store.events(
            from: StoreBench.occurrence(0), until: StoreBench.occurrence(9), job: nil, limit: 9)
        event.detail = String(repeating: "ü", count: Limits.detailBytesMax / 2)
        try expectEqual(found, [event, StoreBench.event(1, job: StoreBench.purge)], "the events")
    },
    StoreCheck("definitions tell what each job was and since when, and when it was taken out") { bench in
        let store = try await bench.open()
        let start = StoreBench.midnight
        var purge = JobRegistration(
            job: StoreBench.purge, configHash: "a", zoneData: "2026c", definition: "10 0 * * *")
        let refresh = JobRegistration(job: StoreBench.refresh, configHash: "b")
        for second in Int64(0)...1 {
            _ = try await store.register(
                [refresh, purge], by: StoreBench.here, now: start + .seconds(second))
        }
        purge.configHash = "c"
        _ = try await store.register([purge], by: StoreBench.here, now: start + .seconds(2))
        let found = try await store.definitions(of: nil)
        func definition(
            _ job: JobRegistration, since second: Int64, hash: String?
        ) -> StoredDefinition {
            StoredDefinition(
                job: job.job, since: start + .seconds(second), configHash: hash,
                zoneData: hash == nil ? nil : job.zoneData, definition: hash == nil ? nil : job.definition,
                host: StoreBench.here)
        }
        let wanted = [
            definition(purge, since: 0, hash: "a"), definition(purge, since: 2, hash: "c"),
            definition(refresh, since: 0, hash: "b"), definition(refresh, since: 2, hash: nil),
        ]
        try expectEqual(found, wanted, "all definitions")
        try expectEqual(
            try await bench.open().definitions(of: StoreBench.refresh), Array(wanted[2...]), "the job's")
    },
]

extension StoreBench {
    /// What a host says of itself.
    static func heartbeat(
        of host: HostID = here, at: Instant = midnight, nextDue: [JobName: Instant?] = [:],
        _ instance: DaemonInstance = DaemonInstance(number: "5eed")
    ) -> Heartbeat {
        Heartbeat(
            host: host, instance: instance, version: "0.1.0", startedAt: midnight - .seconds(3600), at: at,
            catalogHash: "5eed", jobs: 2, nextDue: nextDue)
    }

    /// An event of the day's `number`-th hour.
    static func event(_ number: Int64, job: JobName? = nil) -> StoreEvent {
        StoreEvent(at: occurrence(number), host: here, kind: .reload, job: job, detail: "event \(number)")
    }

    /// What the store's clock shows.
    static func now(of store: any Store) async throws -> Instant {
        guard let host = try await store.heartbeat(heartbeat()).first(where: { $0.host == here }) else {
            throw Violation(description: "a host that says that it is there is not")
        }
        return host.seenAt
    }
}
