import CivilTime
import Records
import RunModel

let pauseChecks = [
    StoreCheck(
        "a claim of a paused job is answered with the pause, and its occurrence is recorded as skipped"
    ) {
        bench in
        let store = try await bench.openRegistered()
        let pause = StoreBench.pause(.job(StoreBench.purge))
        try await store.pause(pause)
        let answer = try await bench.open().claim(StoreBench.claim())
        try expectEqual(answer, .paused(pause), "the claim")
        let row = try await store.existing(StoreBench.claim().run.id).record
        try expectEqual(row, StoreBench.claim().run.skipped(for: pause), "the row")
        let summary = try await store.summary(of: StoreBench.purge)
        try expectEqual(summary.watermark, StoreBench.midnight, "the watermark")
        _ = try await store.own(StoreBench.claim(of: StoreBench.refresh))
    },
    StoreCheck("a pause of all holds back every job, those that are registered later included") { bench in
        let store = try await bench.open()
        let pause = StoreBench.pause(.all)
        try await store.pause(pause)
        let registered = try await bench.openRegistered()
        for job in [StoreBench.purge, StoreBench.refresh] {
            let answer = try await registered.claim(StoreBench.claim(of: job))
            try expectEqual(answer, .paused(pause), "the claim of \(job)")
        }
    },
    StoreCheck("the occurrences of one pause share a row, and a later pause has its own") { bench in
        let store = try await bench.openRegistered()
        var pause = StoreBench.pause(.all)
        try await store.pause(pause)
        for number in Int64(0)..<5 {
            _ = try await store.claim(StoreBench.claim(number))
        }
        pause.at = pause.at + .seconds(1)
        try await store.pause(pause)
        _ = try await store.claim(StoreBench.claim(5))
        _ = try await store.claim(StoreBench.claim(6))
        let rows = try await store.history(HistoryQuery(job: StoreBench.purge, limit: 9))
        try expectEqual(rows.map(\.occurrences), [2, 5], "the rows, newest first")
        try expectEqual(rows.map(\.scheduledFor), [5, 0].map { StoreBench.occurrence($0) }, "their first")
        try expectEqual(rows.map(\.scheduledUntil), [6, 4].map { StoreBench.occurrence($0) }, "their last")
        try expectEqual(rows[0].detail, RunRecord.sharedDetail(2, pause.detail), "what a row says")
        try expectEqual(
            try await store.claim(StoreBench.claim(3)), .alreadyDecided,
            "a shared occurrence")
    },
    StoreCheck("a run between two paused occurrences keeps their rows apart") { bench in
        let store = try await bench.openRegistered()
        let pause = StoreBench.pause(.all)
        try await store.pause(pause)
        _ = try await store.claim(StoreBench.claim(0))
        var urgent = StoreBench.claim(1)
        urgent.ignoresPause = true
        try await StoreBench.complete(urgent, in: store)
        _ = try await store.claim(StoreBench.claim(2))
        let rows = try await store.history(HistoryQuery(job: StoreBench.purge, limit: 9))
        try expectEqual(rows.map(\.occurrences), [1, 1, 1], "the rows")
    },
    StoreCheck("a run by hand of a paused job is answered with the pause, and nothing is written") { bench in
        let store = try await bench.openRegistered()
        let pause = StoreBench.pause(.job(StoreBench.purge))
        try await store.pause(pause)
        var claim = StoreBench.manualClaim()
        try expectEqual(try await store.claim(claim), .paused(pause), "the claim")
        try expectEqual(try await store.history(HistoryQuery(limit: 1)), [], "the history")
        claim.ignoresPause = true
        try await StoreBench.complete(claim, in: store)
    },
    StoreCheck("what was decided before a pause stays decided, and a live run goes on to its end") { bench in
        let store = try await bench.openRegistered()
        let owned = try await store.own(StoreBench.claim())
        try await store.pause(StoreBench.pause(.all))
        try expect(
            try await store.startAttempt(owned, number: 1, at: StoreBench.midnight), "the run was stopped")
        let other = try await bench.open().claim(StoreBench.claim(on: StoreBench.there))
        try expectEqual(other, .alreadyDecided, "a claim of a run that is live")
    },
    StoreCheck("a pause that has run out holds nothing back, and is not listed") { bench in
        let store = try await bench.openRegistered()
        var pause = StoreBench.pause(.all)
        pause.at = Instant(seconds: 1_000)
        pause.until = Instant(seconds: 2_000)
        try await store.pause(pause)
        try expectEqual(try await store.pauses(), [], "the pauses")
        try expectEqual(try await store.resume(.all), nil, "what was ended")
        _ = try await store.own(StoreBench.claim())
    },
    StoreCheck("pauses are listed, that of all first, and each is ended for itself") { bench in
        let store = try await bench.openRegistered()
        let scopes = [.job(StoreBench.refresh), PauseScope.all, .job(StoreBench.purge)]
        for scope in scopes { try await store.pause(StoreBench.pause(scope)) }
        try expectEqual(try await store.pauses().map(\.scope), [scopes[1], scopes[2], scopes[0]], "the list")
        try expectEqual(try await store.resume(.all), StoreBench.pause(.all), "what was ended")
        try expectEqual(try await store.resume(.all), nil, "what was ended twice")
        try expectEqual(try await store.pauses().map(\.scope), [scopes[2], scopes[0]], "the list after")
    },
]

extension StoreBench {
    /// A pause since long ago, without an end.
    static func pause(_ scope: PauseScope) -> Pause {
        Pause(scope: scope, at: midnight - .seconds(3600), by: "amina", reason: "cutover")
    }
}
