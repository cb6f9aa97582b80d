import CivilTime
import Records
import RunModel

let occurrenceChecks = [
    StoreCheck("summaries of some jobs are those of all, in the order of their names, and none of a stranger")
    {
        bench in
        let store = try await bench.openReading()
        try await StoreBench.complete(StoreBench.claim(0), in: store)
        _ = try await store.own(StoreBench.claim(3))
        let all = try await store.summaries()
        try expect(all.count == 2, "two jobs are known")
        try expectEqual(
            try await store.summaries(of: [StoreBench.refresh, StoreBench.purge], until: .latest), all, "both"
        )
        let stranger = JobName("stranger").map { [$0, StoreBench.refresh] } ?? []
        try expectEqual(
            try await store.summaries(of: stranger, until: .latest),
            all.filter { $0.job == StoreBench.refresh },
            "one")
    },
    StoreCheck("rows of occurrences are read in their order, page by page, without runs by hand and dry runs")
    {
        bench in
        let store = try await bench.openReading()
        try await store.record([3, 1, 0].map { StoreBench.decision($0) })
        try await store.record([StoreBench.decision(1, of: StoreBench.refresh)])
        try await StoreBench.complete(StoreBench.claim(2), in: store)
        try await StoreBench.complete(StoreBench.manualClaim(5), in: store)
        var dry = StoreBench.decision(9)
        dry.isDryRun = true
        try await store.record([dry])
        func page(after: Instant, through: Int64 = 20, limit: Int) async throws -> [Instant?] {
            try await store.occurrences(
                of: StoreBench.purge, after: after, through: StoreBench.occurrence(through), limit: limit
            ).map(\.record.scheduledFor)
        }
        let all = (0..<4).map { StoreBench.occurrence($0) }
        let start = StoreBench.midnight - .seconds(1)
        try expectEqual(try await page(after: start, limit: 9), all, "all")
        try expectEqual(try await page(after: start, limit: 2), Array(all[..<2]), "the first page")
        try expectEqual(try await page(after: all[1], limit: 2), Array(all[2...]), "the second page")
        try expectEqual(try await page(after: all[0], through: 2, limit: 9), Array(all[1...2]), "a span")
    },
    StoreCheck("a backfill stands beside the row of its occurrence, once, and is read by it") { bench in
        let store = try await bench.openReading()
        try await store.record([
            StoreBench.decision(0, count: 3, outcome: .missed, reason: .superseded), StoreBench.decision(3),
        ])
        let claims = [StoreBench.backfillClaim(2, at: 5), StoreBench.backfillClaim(0, at: 6)]
        for claim in claims { try await StoreBench.complete(claim, in: store) }
        var again = StoreBench.backfillClaim(0, at: 7)
        again.run.host = StoreBench.there
        try expectEqual(try await store.claim(again), .alreadyDecided, "a second one")
        func found(from: Int64, through: Int64, limit: Int = 9) async throws -> [Instant?] {
            try await store.backfills(
                of: StoreBench.purge, from: StoreBench.occurrence(from),
                through: StoreBench.occurrence(through), limit: limit
            ).map(\.backfillOf)
        }
        let (first, last) = (StoreBench.occurrence(0), StoreBench.occurrence(2))
        try expectEqual(try await found(from: 0, through: 2), [first, last], "all")
        try expectEqual(try await found(from: 1, through: 3), [last], "a span")
        try expectEqual(try await found(from: 0, through: 2, limit: 1), [first], "a page")
        let rows = try await store.occurrences(
            of: StoreBench.purge, after: StoreBench.midnight - .seconds(1), through: StoreBench.occurrence(9),
            limit: 9)
        try expectEqual(rows.count, 2, "rows of occurrences")
        let record = try await store.existing(claims[1].run.id).record
        try expectEqual(record.backfillOf, first, "what it is for")
    },
    StoreCheck("marks of runs are read by job and by outcome, the newest first, and without dry runs") {
        bench in
        let store = try await bench.openReading()
        try await store.record([
            StoreBench.decision(0, count: 3, outcome: .missed, reason: .superseded),
            StoreBench.decision(3), StoreBench.decision(4, outcome: .missed, reason: .down),
        ])
        let (earlier, later) = (
            StoreBench.midnight - .seconds(86_400), StoreBench.midnight + .seconds(864_000)
        )
        var dry = StoreBench.decision(9)
        dry.isDryRun = true
        try await store.record([dry])
        let rows = try await store.history(HistoryQuery(limit: 9)).filter { !$0.isDryRun }
        func marks(_ limit: Int) async throws -> [RunMark] {
            try await store.marks(of: [StoreBench.purge, StoreBench.refresh], until: later, limit: limit)
        }
        try expectEqual(try await marks(9), rows.map { RunMark($0) }, "all")
        try expectEqual(try await marks(1), rows.prefix(1).map { RunMark($0) }, "the newest")
        try expectEqual(
            try await store.marks(
                of: [StoreBench.purge], until: rows[0].createdAt - .seconds(100_000), limit: 9),
            [], "before")
        let missed = rows.filter { $0.outcome == .missed }.map { RunMark($0) }
        func ended(_ outcomes: [Outcome], since: Instant = earlier, limit: Int = 9) async throws -> [RunMark]
        {
            try await store.marks(of: [StoreBench.purge], ended: outcomes, since: since, limit: limit)
        }
        try expectEqual(try await ended([.missed, .failed]), missed, "those that were missed")
        try expectEqual(try await ended([.missed], limit: 1), Array(missed.prefix(1)), "the last of them")
        try expectEqual(try await ended([.missed], since: later), [], "none that late")
        let tally = try await store.tally(since: earlier, limit: 100)
        try expectEqual(tally.counts[.missed], 4, "occurrences that were missed")
        try expectEqual(tally.isWhole, true, "all were counted")
        try expectEqual(try await store.tally(since: earlier, limit: 2).isWhole, false, "a part was")
        try expectEqual(try await store.tally(since: later, limit: 2).total, 0, "none")
    },
    StoreCheck("the newest events of a kind are read, those of all jobs among them") { bench in
        let store = try await bench.openReading()
        func event(_ minute: Int64, _ kind: StoreEvent.Kind, _ job: JobName?) -> StoreEvent {
            StoreEvent(
                at: StoreBench.midnight + .seconds(minute * 60), host: StoreBench.here, kind: kind, job: job,
                detail: "at \(minute)")
        }
        let noted = [
            event(1, .paused, StoreBench.purge), event(2, .paused, nil),
            event(3, .paused, StoreBench.refresh),
            event(4, .resumed, StoreBench.purge), event(5, .reload, nil),
        ]
        try await store.note(noted)
        func newest(_ kinds: [StoreEvent.Kind], _ limit: Int = 9) async throws -> [StoreEvent] {
            try await store.newestEvents(of: StoreBench.purge, kinds, limit: limit)
        }
        try expectEqual(try await newest([.paused, .resumed]), [noted[3], noted[1], noted[0]], "all")
        try expectEqual(try await newest([.paused, .resumed], 1), [noted[3]], "the newest")
        try expectEqual(try await newest([.clockStep]), [], "none")
    },
    StoreCheck("the last signature of each item is kept, in the order of the items") { bench in
        let store = try await bench.openReading()
        func signature(_ item: String, _ by: String, note: String? = nil) -> Signature {
            Signature(
                item: item, by: by, note: note, at: StoreBench.midnight,
                evidence: String(repeating: "0a", count: 16), host: StoreBench.here)
        }
        let signed = [
            signature("restore", "amina"), signature("alerts", "omar", note: "seen"),
            signature("restore", "zoe"),
        ]
        for signature in signed { try await store.sign(signature) }
        try expectEqual(try await store.signatures(), [signed[1], signed[2]], "the signatures")
    },
    StoreCheck("the steps of the last launch are kept, each as it ended last") { bench in
        let store = try await bench.openReading()
        func step(_ launch: Int64, _ step: String, at: Int64, isDone: Bool = true) -> LaunchStep {
            LaunchStep(
                launch: StoreBench.occurrence(launch), kind: step == "pause" ? .rollback : .cutover,
                step: step,
                isDone: isDone, at: StoreBench.occurrence(at), by: "amina", host: StoreBench.here,
                detail: "so",
                facts: isDone ? "{}" : nil)
        }
        try expectEqual(try await store.launchSteps(), [], "before the first")
        let steps = [
            step(0, "preflight", at: 0), step(1, "preflight", at: 1, isDone: false), step(1, "pause", at: 3),
            step(1, "preflight", at: 2),
        ]
        for step in steps { try await store.record(step) }
        try expectEqual(try await store.launchSteps(), [steps[3], steps[2]], "the steps of the second")
        let next = step(1, "smoke", at: 4)
        try expect(try await !store.record(next, after: nil), "it was kept after none")
        try expect(
            try await !store.record(next, after: StoreBench.occurrence(2)), "it was kept after an older one")
        try expect(
            try await store.record(next, after: StoreBench.occurrence(3)), "it was not kept after the last")
        try expect(try await !store.record(next, after: StoreBench.occurrence(3)), "it was kept twice")
        try expectEqual(try await store.launchSteps().last, next, "the last")
    },
    StoreCheck("the pause of all is ended only by who saw that very pause") { bench in
        let store = try await bench.openReading()
        try await store.pause(Pause(scope: .all, at: StoreBench.midnight, by: "amina"))
        try expect(try await !store.resumeAll(pausedAt: StoreBench.occurrence(1)), "another pause was ended")
        try expectEqual(try await store.pauses().count, 1, "pauses")
        try expect(try await store.resumeAll(pausedAt: StoreBench.midnight), "it was not ended")
        try expectEqual(try await store.pauses(), [], "what is left")
    },
    StoreCheck("a backfill of an occurrence before the newest says nothing of how the job does") { bench in
        let store = try await bench.openReading()
        func ends() async throws -> (last: RunID?, success: RunID?) {
            let summaries = try await store.summaries(of: [StoreBench.purge], until: .latest)
            return (summaries.first?.lastRun?.id, summaries.first?.lastSuccess?.id)
        }
        try await StoreBench.complete(StoreBench.claim(0), in: store)
        try await StoreBench.complete(StoreBench.claim(1), in: store, outcome: .failed, reason: .status)
        let (succeeded, failed) = (StoreBench.claim(0).run.id, StoreBench.claim(1).run.id)
        try expect(try await ends() == (failed, succeeded), "before")
        try await StoreBench.complete(StoreBench.backfillClaim(0, at: 5), in: store)
        try expect(try await ends() == (failed, succeeded), "after one of the older")
        let newest = StoreBench.backfillClaim(1, at: 6)
        try await StoreBench.complete(newest, in: store)
        try expect(try await ends() == (newest.run.id, newest.run.id), "after one of the newest")
    },
    StoreCheck("a row is read as it is, but for the answer's beginning, with its lease while it has one") {
        bench in
        let store = try await bench.openReading()
        let owned = try await store.own(StoreBench.claim(0))
        let live = try await store.occurrences(of: StoreBench.purge, covering: StoreBench.midnight)
        try expectEqual(live.map(\.record), [try await store.existing(owned.id).record], "the live row")
        try expect(live.first?.leaseUntil != nil, "a live row has no lease")
        _ = try await store.startAttempt(owned, number: 1, at: StoreBench.midnight)
        let end = Completion(
            outcome: .succeeded, finishedAt: StoreBench.occurrence(1), httpStatus: 200, responseBytes: 2,
            responseExcerpt: "ok")
        try expect(try await store.finish(owned, end), "the owner could not finish its run")
        var record = try await store.existing(owned.id).record
        record.responseExcerpt = nil
        let ended = try await store.occurrences(of: StoreBench.purge, covering: StoreBench.midnight)
        try expectEqual(ended, [OccurrenceRow(record: record)], "the row that has ended")
    },
    StoreCheck("a row of several occurrences is found by each of them, and the last row before an instant") {
        bench in
        let store = try await bench.openReading()
        try await store.record([
            StoreBench.decision(1, count: 3, outcome: .missed, reason: .down), StoreBench.decision(6),
        ])
        for (number, wanted) in [(0, nil), (1, 1), (2, 1), (3, 1), (4, nil), (6, 6)] as [(Int64, Int64?)] {
            let found = try await store.occurrences(
                of: StoreBench.purge, covering: StoreBench.occurrence(number))
            try expectEqual(
                found.map(\.record.scheduledFor), wanted.map { [StoreBench.occurrence($0)] } ?? [],
                "the rows of occurrence \(number)")
        }
        for (number, wanted) in [(0, nil), (1, 1), (5, 1), (6, 6), (9, 6)] as [(Int64, Int64?)] {
            let found = try await store.lastOccurrence(
                of: StoreBench.purge, notAfter: StoreBench.occurrence(number))
            try expectEqual(
                found?.record.scheduledFor, wanted.map { StoreBench.occurrence($0) },
                "the last row before occurrence \(number)")
        }
    },
    StoreCheck("up to where rows were deleted is told, and nothing before any was") { bench in
        let store = try await bench.openReading()
        let now = try await StoreBench.now(of: store)
        try expectEqual(try await store.prunedUntil(of: StoreBench.purge), nil, "before pruning")
        _ = try await StoreBench.end(0, at: now - .seconds(500 * 86_400), in: store)
        _ = try await store.prune(Retention(), limit: 10)
        try expectEqual(
            try await store.prunedUntil(of: StoreBench.purge), StoreBench.midnight, "after pruning")
        try expectEqual(try await store.prunedUntil(of: StoreBench.refresh), nil, "of another job")
    },
    StoreCheck("runs are found by the range of their identities") { bench in
        let store = try await bench.openReading()
        let ids = (0..<4).map { StoreBench.claim($0).run.id }.sorted()
        try await store.record((0..<4).map { StoreBench.decision($0) })
        try expectEqual(
            try await store.runs(from: ids[1], through: ids[2], limit: 9), Array(ids[1...2]), "two")
        try expectEqual(
            try await store.runs(from: ids[0], through: ids[3], limit: 2), Array(ids[..<2]), "the limit")
    },
]

extension StoreBench {
    /// A store that knows both jobs, and that can be read.
    fileprivate func openReading() async throws -> any Store & ReadingStore & SignatureStore & LaunchStore {
        guard
            let store = try await openRegistered() as? any Store & ReadingStore & SignatureStore & LaunchStore
        else {
            throw Violation(description: "the store cannot be read")
        }
        return store
    }
}
