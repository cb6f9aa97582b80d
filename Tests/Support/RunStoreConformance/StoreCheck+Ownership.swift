import CivilTime
import Records
import RunModel

let ownershipChecks = [
    StoreCheck("an attempt is on record before its request starts") { bench in
        let store = try await bench.openRegistered()
        let owned = try await store.own(StoreBench.claim())
        let at = StoreBench.midnight + .milliseconds(3)
        try expect(try await store.startAttempt(owned, number: 1, at: at), "the owner is refused")
        let found = try await bench.open().existing(owned.id)
        try expectEqual(found.record.state, .running, "the state")
        try expectEqual(found.record.attempts, 1, "the number of attempts")
        try expectEqual(found.record.startedAt, at, "the start")
        try expectEqual(found.attempts, [AttemptRecord(number: 1, startedAt: at)], "the attempts")
    },
    StoreCheck("between two attempts a run waits, and keeps the first one's end") { bench in
        let store = try await bench.openRegistered()
        let owned = try await store.own(StoreBench.claim())
        let at = StoreBench.midnight
        _ = try await store.startAttempt(owned, number: 1, at: at)
        let first = AttemptRecord(
            number: 1, startedAt: at, finishedAt: at + .seconds(2), httpStatus: 500, reason: .status,
            detail: "broken")
        let retryAt = at + .seconds(30)
        for _ in 1...2 {
            try expect(
                try await store.awaitRetry(owned, attempt: first, retryAt: retryAt), "the owner is refused")
        }
        let waiting = try await store.existing(owned.id)
        try expectEqual(waiting.record.state, .retryWait, "the state")
        try expectEqual(waiting.record.retryAt, retryAt, "the instant of the next attempt")
        try expectEqual(waiting.attempts, [first], "the attempts")
        for _ in 1...2 {
            try expect(try await store.startAttempt(owned, number: 2, at: retryAt), "the owner is refused")
        }
        let again = try await store.existing(owned.id)
        try expectEqual(again.record.state, .running, "the state of the second attempt")
        try expectEqual(again.record.retryAt, nil, "the instant of a further attempt")
        try expectEqual(again.record.startedAt, at, "the start of the run")
        try expectEqual(
            again.attempts, [first, AttemptRecord(number: 2, startedAt: retryAt)], "the attempts")
    },
    StoreCheck("an attempt that sent nothing starts again, and may have sent something from then on") {
        bench in
        let store = try await bench.openRegistered()
        let old = try await store.own(StoreBench.claim(lease: .zero))
        let at = StoreBench.midnight
        let refusal = AttemptRecord(
            number: 1, startedAt: at, finishedAt: at + .seconds(1), reason: .connect, detail: "refused")
        _ = try await store.startAttempt(old, number: 1, at: at)
        _ = try await store.awaitRetry(old, attempt: refusal, retryAt: at + .seconds(3))
        let taken = try await store.takeOver(
            host: StoreBench.there, hostRestarted: false, except: [], lease: .zero, limit: 9)
        try expectEqual(taken.map(\.requestMayHaveBeenSent), [false], "whether something was sent at first")
        _ = try await store.startAttempt(taken[0].owned, number: 1, at: at + .seconds(3))
        let row = try await store.existing(old.id)
        try expectEqual(row.attempts, [AttemptRecord(number: 1, startedAt: at)], "the attempts")
        try expectEqual(row.record.attempts, 1, "the number of attempts")
        try expectEqual(row.record.state, .running, "the state")
        let again = try await store.takeOver(
            host: StoreBench.here, hostRestarted: false, except: [], lease: .zero, limit: 9)
        try expectEqual(again.map(\.requestMayHaveBeenSent), [true], "whether something was sent")
    },
    StoreCheck("a run is finished with all that is known of it, once, and a repetition is harmless") {
        bench in
        let store = try await bench.openRegistered()
        let owned = try await store.own(StoreBench.claim())
        let at = StoreBench.midnight
        _ = try await store.startAttempt(owned, number: 1, at: at)
        let attempt = AttemptRecord(number: 1, startedAt: at, finishedAt: at + .seconds(1), httpStatus: 503)
        let end = Completion(
            outcome: .declined, reason: .status, detail: "not configured", finishedAt: at + .seconds(1),
            attempt: attempt, httpStatus: 503, responseBytes: 41, responseExcerpt: #"{"detail":"Ünïcode 😀"}"#)
        for _ in 1...2 { try expect(try await store.finish(owned, end), "the owner is refused") }
        var wanted = StoreBench.claim().run
        wanted.state = .finished
        wanted.outcome = .declined
        wanted.reason = .status
        wanted.detail = "not configured"
        wanted.attempts = 1
        wanted.startedAt = at
        wanted.finishedAt = at + .seconds(1)
        wanted.httpStatus = 503
        wanted.responseBytes = 41
        wanted.responseExcerpt = end.responseExcerpt
        let found = try await bench.open().existing(owned.id)
        try expectEqual(found.record, wanted, "the row")
        try expectEqual(found.attempts, [attempt], "the attempts")
        try expectEqual(try await store.summary(of: StoreBench.purge).liveRuns, 0, "live runs")
    },
    StoreCheck("a run can be finished without an attempt, by a policy") { bench in
        let store = try await bench.openRegistered()
        let owned = try await store.own(StoreBench.claim())
        let end = Completion(
            outcome: .skipped, reason: .deadline, detail: "too late", finishedAt: StoreBench.midnight)
        try expect(try await store.finish(owned, end), "the owner is refused")
        let found = try await store.existing(owned.id)
        try expectEqual(found.record.reason, .deadline, "the reason")
        try expectEqual(found.record.startedAt, nil, "the start")
    },
    StoreCheck("a finished run frees its job") { bench in
        let store = try await bench.openRegistered()
        try await StoreBench.complete(StoreBench.claim(0), in: store)
        _ = try await store.own(StoreBench.claim(1))
    },
    StoreCheck("an owner that lost its run changes nothing any more") { bench in
        let store = try await bench.openRegistered()
        let old = try await store.own(StoreBench.claim(lease: .zero))
        let other = try await bench.open()
        let taken = try await other.takeOver(
            host: StoreBench.there, hostRestarted: false, except: [], lease: StoreBench.lease, limit: 10)
        try expectEqual(taken.count, 1, "the runs taken over")
        let before = try await store.existing(old.id).record
        let at = StoreBench.midnight
        let attempt = AttemptRecord(number: 1, startedAt: at, finishedAt: at, reason: .connect)
        try expect(try await !store.startAttempt(old, number: 1, at: at), "it started an attempt")
        try expect(try await !store.awaitRetry(old, attempt: attempt, retryAt: at), "it put off the run")
        let end = Completion(outcome: .failed, reason: .connect, finishedAt: at, attempt: attempt)
        try expect(try await !store.finish(old, end), "it finished the run")
        try expectEqual(
            try await store.renew([old], lease: StoreBench.lease), [old.id], "the runs that it lost")
        let after = try await store.existing(old.id)
        try expectEqual(after.record, before, "the row")
        try expectEqual(after.attempts, [], "the attempts")
    },
    StoreCheck("a finished run takes no further attempt and no other end") { bench in
        let store = try await bench.openRegistered()
        let owned = try await store.own(StoreBench.claim())
        let at = StoreBench.midnight
        _ = try await store.finish(owned, Completion(outcome: .skipped, reason: .shutdown, finishedAt: at))
        try expect(try await !store.startAttempt(owned, number: 1, at: at), "an attempt started")
        let other = Completion(outcome: .skipped, reason: .paused, finishedAt: at + .seconds(1))
        try expect(try await !store.finish(owned, other), "it was finished twice")
        try expectEqual(try await store.existing(owned.id).record.reason, .shutdown, "the reason")
    },
    StoreCheck("a renewed lease keeps a run from being taken over, also between two attempts") { bench in
        let store = try await bench.openRegistered()
        let owned = try await store.own(StoreBench.claim(lease: .zero))
        let at = StoreBench.midnight
        _ = try await store.startAttempt(owned, number: 1, at: at)
        let attempt = AttemptRecord(number: 1, startedAt: at, finishedAt: at, reason: .connect)
        _ = try await store.awaitRetry(owned, attempt: attempt, retryAt: at)
        let unknown = OwnedRun(id: RunID(random: 1), fence: 1)
        let lost = try await store.renew([unknown, owned], lease: StoreBench.lease)
        try expectEqual(lost, [unknown.id], "the runs that are not the owner's")
        let taken = try await store.takeOver(
            host: StoreBench.there, hostRestarted: false, except: [], lease: StoreBench.lease, limit: 10)
        try expectEqual(taken, [], "the runs taken over")
        try expectEqual(try await store.renew([], lease: StoreBench.lease), [], "the answer to nothing")
    },
]
