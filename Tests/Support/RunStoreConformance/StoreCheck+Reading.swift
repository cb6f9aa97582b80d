import CivilTime
import Records
import RunModel

let readingChecks = [
    StoreCheck("history is newest first, and two of one instant have a fixed order") { bench in
        let store = try await bench.openRegistered()
        try await store.record([2, 0, 1].map { StoreBench.decision($0) })
        try await store.record([StoreBench.decision(1, of: StoreBench.refresh)])
        let found = try await store.history(HistoryQuery(limit: 10))
        try expectEqual(
            found.map(\.createdAt), [2, 1, 1, 0].map { StoreBench.occurrence($0) }, "the order")
        try expect(found[1].id > found[2].id, "the order of one instant is not that of the identities")
        // In pages of any size, the same rows in the same order.
        for limit in 1...3 {
            var paged: [RunRecord] = []
            var query = HistoryQuery(limit: limit)
            while true {
                let page = try await store.history(query)
                paged += page
                guard page.count == limit, let last = page.last else { break }
                query.before = .init(createdAt: last.createdAt, id: last.id)
            }
            try expectEqual(paged, found, "the rows in pages of \(limit)")
        }
    },
    StoreCheck("history keeps to the job, the outcome, the period and the limit") { bench in
        let store = try await bench.openRegistered()
        try await store.record((0..<6).map { StoreBench.decision($0) })
        try await store.record([
            StoreBench.decision(2, of: StoreBench.refresh, outcome: .missed, reason: .down)
        ])
        var query = HistoryQuery(job: StoreBench.refresh, limit: 10)
        try expectEqual(try await store.history(query).map(\.job), [StoreBench.refresh], "the job's runs")
        query = HistoryQuery(outcome: .missed, limit: 10)
        try expectEqual(try await store.history(query).map(\.outcome), [.missed], "the missed runs")
        query = HistoryQuery(since: StoreBench.occurrence(1), until: StoreBench.occurrence(3), limit: 10)
        try expectEqual(
            try await store.history(query).map(\.createdAt), [2, 2, 1].map { StoreBench.occurrence($0) },
            "the period")
        query = HistoryQuery(job: StoreBench.purge, outcome: .skipped, limit: 2)
        try expectEqual(
            try await store.history(query).map(\.createdAt), [5, 4].map { StoreBench.occurrence($0) },
            "the limit")
        query = HistoryQuery(job: StoreBench.purge, outcome: .succeeded, limit: 2)
        try expectEqual(try await store.history(query), [], "runs that are not there")
    },
    StoreCheck("a run that is not there is nil") { bench in
        try expectEqual(try await bench.openRegistered().run(RunID(random: 5))?.record, nil, "the row")
    },
    StoreCheck(
        "summaries tell each job's watermark, last end, last success and live runs, in the order of names"
    ) { bench in
        let store = try await bench.openRegistered()
        try await StoreBench.complete(StoreBench.claim(0), in: store)
        try await StoreBench.complete(StoreBench.claim(1), in: store)
        try await StoreBench.complete(StoreBench.claim(2), in: store, outcome: .failed, reason: .status)
        _ = try await store.own(StoreBench.claim(3))
        let summaries = try await store.summaries()
        try expectEqual(summaries.map(\.job), [StoreBench.purge, StoreBench.refresh], "the jobs")
        try expectEqual(summaries[0].watermark, StoreBench.occurrence(3), "the watermark")
        try expectEqual(summaries[0].lastRun?.scheduledFor, StoreBench.occurrence(2), "the last run")
        try expectEqual(summaries[0].lastSuccess?.scheduledFor, StoreBench.occurrence(1), "the last success")
        try expectEqual(
            summaries[0].lastOccurrence?.scheduledFor, StoreBench.occurrence(3), "the newest occurrence")
        try expectEqual(summaries[0].liveRuns, 1, "the live runs")
        try expectEqual(summaries[1].lastRun, nil, "the last run of a job that never ran")
        try expectEqual(summaries[1].liveRuns, 0, "the live runs of a job that never ran")
    },
    StoreCheck("summaries leave out what was due, or ended, after the instant that is asked for") { bench in
        let store = try await bench.openRegistered()
        try await StoreBench.complete(StoreBench.claim(0), in: store)
        try await StoreBench.complete(StoreBench.claim(1), in: store, outcome: .failed, reason: .status)
        try await StoreBench.complete(StoreBench.claim(3), in: store)
        try await StoreBench.complete(StoreBench.manualClaim(4), in: store)
        _ = try await store.own(StoreBench.claim(5))
        for (now, last, occurrence) in [
            (StoreBench.occurrence(2), Int64(1), Int64(1)),
            // Due before it, and ended after it.
            (StoreBench.occurrence(1) + .milliseconds(500), 0, 1),
        ] {
            let summary = try await store.summaries(until: now)[0]
            try expectEqual(summary.job, StoreBench.purge, "the job")
            try expectEqual(summary.watermark, StoreBench.occurrence(5), "the watermark")
            try expectEqual(summary.liveRuns, 1, "the live runs")
            try expectEqual(summary.lastRun?.id, StoreBench.claim(last).run.id, "the last run")
            try expectEqual(summary.lastSuccess?.id, StoreBench.claim(0).run.id, "the last success")
            try expectEqual(
                summary.lastOccurrence?.id, StoreBench.claim(occurrence).run.id, "the newest occurrence")
        }
    },
    StoreCheck("changes are the summaries of jobs for which somebody else has done something") { bench in
        let store = try await bench.openRegistered()
        let start = StoreBench.occurrence(0)
        func changes(since: Instant = start) async throws -> StoreChanges {
            try await store.changes(since: since, byOthersThan: StoreBench.here, until: .latest)
        }
        try expectEqual(try await changes(), StoreChanges(summaries: [], liveRuns: 0), "what happened first")
        _ = try await store.own(StoreBench.claim(0))
        try expectEqual(
            try await changes(), StoreChanges(summaries: [], liveRuns: 1), "the changes by the host itself")
        let other = try await store.own(
            StoreBench.claim(1, of: StoreBench.refresh, on: StoreBench.there))
        let refresh = try await store.summary(of: StoreBench.refresh)
        try expectEqual(
            try await changes(), StoreChanges(summaries: [refresh], liveRuns: 2), "the claim of another host")
        let later = StoreBench.occurrence(1) + .seconds(1)
        try expectEqual(try await changes(since: later).summaries, [], "what happened later")
        _ = try await store.finish(
            other, Completion(outcome: .failed, reason: .lost, finishedAt: later + .seconds(60)))
        let ended = try await store.summary(of: StoreBench.refresh)
        try expectEqual(
            try await changes(since: later), StoreChanges(summaries: [ended], liveRuns: 1), "the end of a run"
        )
        let pause = Pause(scope: .job(StoreBench.purge), at: start, by: "amina")
        try await store.pause(pause)
        try expectEqual(
            try await changes(since: later).pauses, try await store.pauses(), "the pauses in force")
    },
    StoreCheck("a run by hand ends last, and is not the newest occurrence") { bench in
        let store = try await bench.openRegistered()
        try await StoreBench.complete(StoreBench.claim(0), in: store)
        try await StoreBench.complete(StoreBench.manualClaim(4), in: store)
        let summary = try await store.summary(of: StoreBench.purge)
        try expectEqual(summary.lastRun?.id, StoreBench.manualClaim(4).run.id, "the last run")
        try expectEqual(summary.lastOccurrence?.id, StoreBench.claim(0).run.id, "the newest occurrence")
        try await StoreBench.complete(StoreBench.manualClaim(5, of: StoreBench.refresh), in: store)
        let other = try await store.summary(of: StoreBench.refresh)
        try expectEqual(other.lastOccurrence, nil, "the newest occurrence of a job that had none")
    },
    StoreCheck("instants keep their microseconds, also before 1970 and far away") { bench in
        let store = try await bench.openRegistered()
        for (number, microseconds) in [
            -1, -62_135_596_800_000_001, 253_402_300_799_999_999, 1_795_392_600_123_456,
        ].enumerated() {
            var row = StoreBench.manualClaim(Int64(number)).run
            row.state = .finished
            row.outcome = .succeeded
            row.finishedAt = Instant(microseconds: Int64(microseconds))
            // What is made later than now is refused by a server.
            row.createdAt = Instant(microseconds: min(Int64(microseconds), 1_795_392_600_123_457))
            try await store.record([row])
            try expectEqual(try await store.existing(row.id).record, row, "the row")
        }
    },
]
