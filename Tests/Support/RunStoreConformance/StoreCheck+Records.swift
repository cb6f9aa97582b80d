import CivilTime
import Records
import RunModel

let decisionChecks = [
    StoreCheck("a row of several occurrences is left out when its first was decided, and its rest is told") {
        bench in
        let store = try await bench.openRegistered()
        try await store.record([StoreBench.decision(0), StoreBench.decision(1)])
        let row = StoreBench.decision(1, count: 4, outcome: .missed, reason: .down)
        let rest = try await store.record([row])
        try expectEqual(rest, [row.id: StoreBench.occurrence(1)], "what was left out")
        let missed = StoreBench.decision(2, count: 3, outcome: .missed, reason: .down)
        try expectEqual(try await store.record([missed]), [:], "what was left out of the rest")
        try expectEqual(try await store.record([missed, row]), [:], "what was left out at the end")
        let rows = try await store.history(HistoryQuery(job: StoreBench.purge, limit: 9))
        try expectEqual(rows.map(\.occurrences), [3, 1, 1], "the rows")
    },
    StoreCheck("occurrences decided without a request are recorded and move the watermarks") { bench in
        let store = try await bench.openRegistered()
        let rows = [
            StoreBench.decision(0, count: 3, outcome: .missed, reason: .down), StoreBench.decision(3),
            StoreBench.decision(2, of: StoreBench.refresh, outcome: .skipped, reason: .paused),
        ]
        try await store.record(rows)
        for row in rows { try expectEqual(try await store.existing(row.id).record, row, "the row") }
        try expectEqual(
            try await store.summaries().map(\.watermark),
            [StoreBench.occurrence(3), StoreBench.occurrence(2)],
            "the watermarks")
    },
    StoreCheck("a row for several occurrences moves the watermark to the last of them") { bench in
        let store = try await bench.openRegistered()
        try await store.record([StoreBench.decision(0, count: 5, outcome: .missed, reason: .window)])
        let summary = try await store.summary(of: StoreBench.purge)
        try expectEqual(summary.watermark, StoreBench.occurrence(4), "the watermark")
        for number in Int64(0)...4 {
            let answer = try await store.claim(StoreBench.claim(number))
            try expectEqual(answer, .alreadyDecided, "the claim of occurrence \(number)")
        }
        _ = try await store.own(StoreBench.claim(5))
    },
    StoreCheck("recording the same again changes nothing") { bench in
        let store = try await bench.openRegistered()
        let first = StoreBench.decision(0, reason: .overlap)
        try await store.record([first, first])
        var second = first
        second.reason = .paused
        second.detail = "another host's opinion"
        try await bench.open().record([second, StoreBench.decision(1)])
        try expectEqual(try await store.existing(first.id).record, first, "the row")
        let query = HistoryQuery(limit: 10)
        try expectEqual(try await store.history(query).count, 2, "the rows")
    },
    StoreCheck("a row for an occurrence that another run has is left out, also under another identity") {
        bench in
        let store = try await bench.openRegistered()
        _ = try await store.own(StoreBench.claim())
        var row = StoreBench.decision(0, outcome: .missed, reason: .down)
        row.id = RunID(random: 99)
        try await store.record([row])
        try expectEqual(try await store.run(row.id)?.record, nil, "the row")
        try expectEqual(
            try await store.existing(StoreBench.claim().run.id).record.state, .claimed, "the state")
    },
    StoreCheck("recording nothing does nothing") { bench in
        try await bench.open().record([])
    },
    StoreCheck("a dry run is recorded, and decides nothing") { bench in
        let store = try await bench.openRegistered()
        var dry = StoreBench.manualClaim().run
        dry.isDryRun = true
        dry.state = .finished
        dry.outcome = .succeeded
        dry.finishedAt = dry.dueAt
        try await store.record([dry])
        let found = try await store.existing(dry.id).record
        try expectEqual(found, dry, "the row")
        let summary = try await store.summary(of: StoreBench.purge)
        try expectEqual(summary.watermark, StoreBench.midnight - .seconds(60), "the watermark")
        try expectEqual(summary.lastRun, nil, "the last run")
        try expectEqual(summary.lastSuccess, nil, "the last success")
        _ = try await store.own(StoreBench.claim())
    },
    StoreCheck("long texts are cut between characters, and a NUL is shown") { bench in
        let store = try await bench.openRegistered()
        let owned = try await store.own(StoreBench.claim())
        let at = StoreBench.midnight
        _ = try await store.startAttempt(owned, number: 1, at: at)
        let detail = "a\0b " + String(repeating: "ü", count: Limits.detailBytesMax)
        let attempt = AttemptRecord(
            number: 1, startedAt: at, finishedAt: at, reason: .response, detail: detail)
        let end = Completion(
            outcome: .failed, reason: .response, detail: detail, finishedAt: at, attempt: attempt,
            responseExcerpt: String(repeating: "😀", count: Limits.responseExcerptBytesMax))
        try expect(try await store.finish(owned, end), "the owner is refused")
        let found = try await store.existing(owned.id)
        let cut = "a\u{2400}b " + String(repeating: "ü", count: (Limits.detailBytesMax - 6) / 2)
        try expectEqual(found.record.detail, cut, "the detail")
        try expectEqual(found.attempts.first?.detail, cut, "the attempt's detail")
        let excerpt = String(repeating: "😀", count: Limits.responseExcerptBytesMax / 4)
        try expectEqual(found.record.responseExcerpt, excerpt, "the excerpt")
    },
]

let refusalChecks = [
    StoreCheck("a claim for a job that was never registered is refused, and the error names the job") {
        bench in
        let error = try await expectRefusal(.unregistered, "an unknown job") {
            _ = try await bench.open().claim(StoreBench.claim())
        }
        try expect(error.message.contains("purge"), "the error does not name the job: \(error)")
    },
    StoreCheck("a decision for a job that was never registered is refused, and not forgotten in silence") {
        bench in
        let store = try await bench.open()
        let error = try await expectRefusal(.unregistered, "an unknown job") {
            try await store.record([StoreBench.decision(1)])
        }
        try expect(error.message.contains("purge"), "the error does not name the job: \(error)")
        try expectEqual(try await store.history(HistoryQuery(limit: 10)).count, 0, "rows")
    },
    StoreCheck(
        "a row that breaks an invariant is refused with the constraint's name, and its call leaves nothing"
    ) { bench in
        let store = try await bench.openRegistered()
        for (constraint, change) in brokenRows {
            var row = StoreBench.decision(1)
            change(&row)
            let error = try await expectRefusal(.defect, "a row against \(constraint)") { [row] in
                try await store.record([StoreBench.decision(0), row])
            }
            try expect(error.message.contains(constraint), "the error does not name \(constraint): \(error)")
            try expectEqual(
                try await store.history(HistoryQuery(limit: 10)).count, 0, "rows after \(constraint)")
        }
    },
    StoreCheck("a claim that breaks an invariant is refused, and leaves nothing") { bench in
        let store = try await bench.openRegistered()
        var claim = StoreBench.claim()
        claim.run.outcome = .succeeded
        let broken = claim
        try await expectRefusal(.defect, "a claim with an outcome") {
            _ = try await store.claim(broken)
        }
        _ = try await store.own(StoreBench.claim())
    },
    StoreCheck("more attempts than the policy allows are refused") { bench in
        let store = try await bench.openRegistered()
        let owned = try await store.own(StoreBench.claim())
        try await expectRefusal(.defect, "a fourth attempt of three") {
            _ = try await store.startAttempt(owned, number: 4, at: StoreBench.midnight)
        }
        try expectEqual(try await store.existing(owned.id).record.state, .claimed, "the state")
    },
]

/// Rows that must not be, each with the constraint that says so.
private let brokenRows: [(String, @Sendable (inout RunRecord) -> Void)] = [
    (
        "runs_finished",
        {
            $0.outcome = nil; $0.reason = nil
        }
    ),
    ("runs_finished", { $0.finishedAt = nil }),
    ("runs_explained", { $0.reason = nil }),
    ("runs_explained", { $0.outcome = .succeeded }),
    ("runs_untouched", { $0.attempts = 1 }),
    ("runs_untouched", { $0.startedAt = $0.dueAt }),
    ("runs_scheduled", { $0.trigger = .manual }),
    ("runs_scheduled", { $0.scheduledFor = nil }),
    ("runs_span", { $0.occurrences = 2 }),
    ("runs_span", { $0.scheduledUntil = $0.dueAt + .seconds(1) }),
    (
        "runs_span",
        {
            $0.occurrences = 2; $0.scheduledUntil = $0.scheduledFor
        }
    ),
    ("runs_occurrences", { $0.occurrences = 0 }),
    (
        "runs_attempts",
        {
            $0.attempts = 4; $0.outcome = .failed
        }
    ),
    ("runs_attempts_max", { $0.attemptsMax = 0 }),
    ("runs_retry", { $0.retryAt = $0.dueAt }),
    (
        "runs_http_status",
        {
            $0.httpStatus = 42; $0.outcome = .failed
        }
    ),
    ("runs_response_bytes", { $0.responseBytes = -1 }),
    ("runs_host_length", { $0.host = HostID("") }),
    ("runs_host_length", { $0.host = HostID(String(repeating: "h", count: 256)) }),
    ("runs_config_hash_length", { $0.configHash = String(repeating: "c", count: 65) }),
    (
        "runs_leased",
        {
            $0.state = .claimed; $0.outcome = nil; $0.reason = nil; $0.finishedAt = nil
        }
    ),
]
