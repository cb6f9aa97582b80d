import CivilTime
import Records
import RunModel

let pruningChecks = [
    StoreCheck("runs that ended too long ago are deleted, and younger ones are kept whole") { bench in
        let (store, now) = try await bench.openWithClock()
        let old = try await StoreBench.end(0, at: now - .seconds(401 * 86_400), in: store)
        let young = try await StoreBench.end(1, at: now - .seconds(86_400), in: store)
        let before = try await store.existing(young)
        let pruned = try await store.prune(Retention(), limit: 100)
        try expectEqual(pruned, Pruning(runs: 1, attempts: 0, excerpts: 0, events: 0), "what was taken")
        try expectEqual(try await store.run(old)?.record, nil, "the old run")
        let after = try await store.existing(young)
        try expectEqual(after.record, before.record, "the young run")
        try expectEqual(after.attempts, before.attempts, "its attempts")
        try expect(try await store.prune(Retention(), limit: 100).isEmpty, "there was something left")
    },
    StoreCheck("attempts and excerpts go before their run, each at its own age") { bench in
        let (store, now) = try await bench.openWithClock()
        let month = try await StoreBench.end(0, at: now - .seconds(31 * 86_400), in: store)
        let season = try await StoreBench.end(1, at: now - .seconds(91 * 86_400), in: store)
        let pruned = try await store.prune(Retention(), limit: 100)
        try expectEqual(pruned, Pruning(runs: 0, attempts: 1, excerpts: 2, events: 0), "what was taken")
        for (run, attempts) in [(month, 1), (season, 0)] {
            let found = try await store.existing(run)
            try expectEqual(found.record.responseExcerpt, nil, "the excerpt")
            try expectEqual(found.record.responseBytes, 4, "the answer's size")
            try expectEqual(found.attempts.count, attempts, "the attempts")
        }
    },
    StoreCheck("an occurrence whose row was pruned is never decided anew") { bench in
        let (store, now) = try await bench.openWithClock()
        for number in Int64(0)...2 {
            _ = try await StoreBench.end(number, at: now - .seconds(500 * 86_400), in: store)
        }
        _ = try await store.prune(Retention(), limit: 100)
        try expectEqual(try await store.history(HistoryQuery(limit: 9)), [], "the rows")
        for number in Int64(0)...2 {
            let claim = StoreBench.claim(number, on: StoreBench.there)
            try expectEqual(
                try await store.claim(claim), .alreadyDecided, "the claim of \(number)")
        }
        try await store.record([StoreBench.decision(1), StoreBench.decision(0, count: 3)])
        try expectEqual(try await store.history(HistoryQuery(limit: 9)), [], "the rows")
        try expectEqual(
            try await store.summary(of: StoreBench.purge).watermark, StoreBench.occurrence(2), "the watermark"
        )
        _ = try await store.own(StoreBench.claim(3))
        _ = try await store.own(StoreBench.claim(of: StoreBench.refresh))
    },
    StoreCheck("the last occurrence of a row of several counts as decided after its pruning") { bench in
        let (store, now) = try await bench.openWithClock()
        var row = StoreBench.decision(0, count: 5)
        row.finishedAt = now - .seconds(500 * 86_400)
        try await store.record([row])
        _ = try await store.prune(Retention(), limit: 100)
        try expectEqual(
            try await store.claim(StoreBench.claim(4)), .alreadyDecided, "the last")
        _ = try await store.own(StoreBench.claim(5))
    },
    StoreCheck("a pruned dry run, or run by hand, decides no occurrence") { bench in
        let (store, now) = try await bench.openWithClock()
        for number in Int64(0)...1 {
            var row = number == 0 ? StoreBench.claim().run : StoreBench.manualClaim().run
            if number == 0 { row.id = RunID(random: 11) }
            row.isDryRun = number == 0
            row.state = .finished
            row.outcome = .succeeded
            row.finishedAt = now - .seconds(500 * 86_400)
            try await store.record([row])
        }
        try expectEqual(try await store.prune(Retention(), limit: 100).runs, 2, "rows deleted")
        _ = try await store.own(StoreBench.claim())
    },
    StoreCheck("a run that has not ended is kept with its attempts, however old") { bench in
        let (store, _) = try await bench.openWithClock()
        let long = Instant(seconds: 1_000_000_000)
        let owned = try await store.own(StoreBench.claim(lease: .zero))
        _ = try await store.startAttempt(owned, number: 1, at: long)
        let ended = AttemptRecord(number: 1, startedAt: long, finishedAt: long, reason: .connect)
        _ = try await store.awaitRetry(owned, attempt: ended, retryAt: long)
        try expect(try await store.prune(Retention(), limit: 100).isEmpty, "something was taken")
        try expectEqual(try await store.existing(owned.id).attempts, [ended], "the attempts")
    },
    StoreCheck("at most as many rows as asked for are taken at once, the oldest runs first") { bench in
        let (store, now) = try await bench.openWithClock()
        for number in Int64(0)..<5 {
            _ = try await StoreBench.end(
                number, at: now - .seconds((500 - number) * 86_400), in: store)
        }
        try await store.note((0..<3).map { StoreBench.event($0, at: now - .seconds(500 * 86_400)) })
        var taken: [Pruning] = []
        while taken.count < 9 {
            let next = try await store.prune(Retention(), limit: 2)
            if next.isEmpty { break }
            taken.append(next)
            if taken.count == 1 {
                let left = try await store.history(HistoryQuery(limit: 9)).map(\.scheduledFor)
                try expectEqual(left, [4, 3, 2].map { StoreBench.occurrence($0) }, "what is left")
            }
        }
        try expectEqual(taken.map(\.runs), [2, 2, 1], "runs")
        try expectEqual(taken.map(\.events), [2, 1, 0], "events")
    },
    StoreCheck("events go with runs of their age, and so do definitions, but for the last of a job") {
        bench in
        let (store, now) = try await bench.openWithClock()
        try await store.note([401, 399].map { StoreBench.event($0, at: now - .seconds($0 * 86_400)) })
        for (hash, days) in [("a", Int64(900)), ("b", 800), ("c", 300)] {
            let job = JobRegistration(job: StoreBench.refresh, configHash: hash)
            let old = JobRegistration(job: StoreBench.purge, configHash: "old")
            _ = try await store.register([job, old], by: StoreBench.here, now: now - .seconds(days * 86_400))
        }
        try expectEqual(try await store.prune(Retention(), limit: 100).events, 1, "events taken")
        let events = try await store.events(
            from: Instant(seconds: 0), until: now, job: nil, limit: 9)
        try expectEqual(events.map(\.detail), ["event 399"], "events left")
        try expectEqual(
            try await store.definitions(of: StoreBench.refresh).map(\.configHash), ["b", "c"],
            "what was in force within the age")
        try expectEqual(
            try await store.definitions(of: StoreBench.purge).map(\.configHash), ["old"],
            "what is in force")
    },
]

extension StoreBench {
    /// A store that knows both jobs, without a definition, and what its clock shows.
    func openWithClock() async throws -> (store: any Store, now: Instant) {
        let store = try await open()
        let jobs = [Self.purge, Self.refresh].map { JobRegistration(job: $0, configHash: "c0ffee") }
        _ = try await store.register(jobs, by: nil, now: Self.midnight - .seconds(60))
        return (store, try await Self.now(of: store))
    }

    /// Makes the `number`-th run, with one attempt and an answer; it ends at `end`.
    static func end(_ number: Int64, at end: Instant, in store: any Store) async throws -> RunID {
        let owned = try await store.own(claim(number, isExclusive: false))
        _ = try await store.startAttempt(owned, number: 1, at: end)
        let attempt = AttemptRecord(number: 1, startedAt: end, finishedAt: end, httpStatus: 200)
        let completion = Completion(
            outcome: .succeeded, finishedAt: end, attempt: attempt, httpStatus: 200, responseBytes: 4,
            responseExcerpt: "done")
        try expect(try await store.finish(owned, completion), "the owner could not finish its run")
        return owned.id
    }

    /// An event of another time.
    static func event(_ number: Int64, at: Instant) -> StoreEvent {
        StoreEvent(at: at, host: here, kind: .reload, detail: "event \(number)")
    }
}
