import CivilTime
import Records
import RunModel

let takeoverChecks = [
    StoreCheck("a run whose lease has run out is another host's, under a new fence") { bench in
        let store = try await bench.openRegistered()
        let old = try await store.own(StoreBench.claim(lease: .zero))
        let taken = try await store.takeOver(
            host: StoreBench.there, hostRestarted: false, except: [], lease: StoreBench.lease, limit: 10)
        guard taken.count == 1 else { throw Violation(description: "\(taken.count) runs were taken over") }
        try expectEqual(taken[0].owned.id, old.id, "the run")
        try expect(taken[0].owned.fence > old.fence, "the fence did not grow")
        try expectEqual(taken[0].record, try await store.existing(old.id).record, "the record")
        try expectEqual(taken[0].record.host, StoreBench.there, "the host")
        try expect(
            !taken[0].requestMayHaveBeenSent, "no attempt was started, yet its request may have been sent")
        try expect(
            try await store.startAttempt(taken[0].owned, number: 1, at: StoreBench.midnight),
            "the new owner is refused")
    },
    StoreCheck("whether the request may have been sent is known from the attempt, also at the next takeover")
    { bench in
        let store = try await bench.openRegistered()
        let old = try await store.own(StoreBench.claim(lease: .zero))
        _ = try await store.startAttempt(old, number: 1, at: StoreBench.midnight)
        for _ in 1...2 {
            let taken = try await store.takeOver(
                host: StoreBench.there, hostRestarted: false, except: [], lease: .zero, limit: 10)
            try expectEqual(
                taken.map(\.requestMayHaveBeenSent), [true], "runs whose request may have been sent")
        }
    },
    StoreCheck("an end that the owner before knows wins over one that the next owner can only call lost") {
        bench in
        let store = try await bench.openRegistered()
        for isCalledLost in [true, false] {
            let claim = StoreBench.startedClaim(isCalledLost ? 0 : 1, lease: .zero)
            let old = try await store.own(claim)
            let taken = try await store.takeOver(
                host: StoreBench.there, hostRestarted: false, except: [], lease: StoreBench.lease, limit: 10)
            let at = claim.run.dueAt
            let lost = Completion(
                outcome: .unknown, reason: .lost, finishedAt: at + .seconds(9), host: StoreBench.there)
            if isCalledLost {
                try expect(try await store.finish(taken[0].owned, lost), "the new owner is refused")
            }
            let attempt = AttemptRecord(
                number: 1, startedAt: at, finishedAt: at + .seconds(5), httpStatus: 200)
            let end = Completion(
                outcome: .succeeded, finishedAt: at + .seconds(5), host: StoreBench.here, attempt: attempt,
                httpStatus: 200)
            var other = end
            other.attempt?.number = 2
            try expect(try await !store.finish(old, other), "the end of another attempt was taken")
            for _ in 1...2 {
                try expect(try await store.finish(old, end), "the end that is known is refused")
            }
            try expect(try await !store.finish(taken[0].owned, lost), "what is known was called lost")
            other = end
            other.outcome = .failed
            try expect(try await !store.finish(old, other), "what is known was changed")
            let found = try await store.existing(old.id)
            try expectEqual(found.record.outcome, .succeeded, "the outcome")
            try expectEqual(found.record.host, StoreBench.here, "the host")
            try expectEqual(found.record.detail, nil, "the detail")
            try expectEqual(found.attempts, [attempt], "the attempts")
        }
    },
    StoreCheck("a run that waited between two attempts is taken over with its wait") { bench in
        let store = try await bench.openRegistered()
        let old = try await store.own(StoreBench.claim(lease: .zero))
        let at = StoreBench.midnight
        _ = try await store.startAttempt(old, number: 1, at: at)
        let attempt = AttemptRecord(number: 1, startedAt: at, finishedAt: at + .seconds(5), reason: .connect)
        _ = try await store.awaitRetry(old, attempt: attempt, retryAt: at + .seconds(30))
        let taken = try await store.takeOver(
            host: StoreBench.there, hostRestarted: false, except: [], lease: StoreBench.lease, limit: 10)
        try expectEqual(taken.map(\.record.retryAt), [at + .seconds(30)], "the instants of the next attempt")
        try expectEqual(taken.map(\.lastAttemptEndedAt), [at + .seconds(5)], "the ends of the last attempts")
        try expectEqual(taken.map(\.requestMayHaveBeenSent), [false], "runs whose request may have been sent")
    },
    StoreCheck("a run that a host holds is not taken over by it, also after its lease has run out") { bench in
        let store = try await bench.openRegistered()
        let held = try await store.own(StoreBench.claim(0, isExclusive: false, lease: .zero))
        let other = try await store.own(StoreBench.claim(1, isExclusive: false, lease: .zero))
        let taken = try await store.takeOver(
            host: StoreBench.here, hostRestarted: false, except: [held.id], lease: StoreBench.lease, limit: 10
        )
        try expectEqual(taken.map(\.owned.id), [other.id], "the runs taken over")
        try expect(
            try await store.startAttempt(held, number: 1, at: StoreBench.midnight),
            "the proof of the run that is held is worth nothing")
    },
    StoreCheck("a claim that started an attempt may have been sent when its host is lost") { bench in
        let store = try await bench.openRegistered()
        _ = try await store.own(StoreBench.startedClaim(lease: .zero))
        let taken = try await store.takeOver(
            host: StoreBench.there, hostRestarted: false, except: [], lease: StoreBench.lease, limit: 10)
        try expectEqual(taken.map(\.requestMayHaveBeenSent), [true], "runs whose request may have been sent")
    },
    StoreCheck("a host that took a run over does not get it by a claim that looks like the run's own") {
        bench in
        let store = try await bench.openRegistered()
        let claim = StoreBench.startedClaim(lease: .zero)
        _ = try await store.own(claim)
        _ = try await store.takeOver(
            host: StoreBench.there, hostRestarted: false, except: [], lease: StoreBench.lease, limit: 10)
        // Its clock was behind, so that it comes to the occurrence only now, at the same instant by its clock.
        var late = claim
        late.run.host = StoreBench.there
        let answer = try await store.claim(late)
        try expectEqual(answer, .alreadyDecided, "the claim of what may have been sent")
    },
    StoreCheck("a run with a lease is left to its host") { bench in
        let store = try await bench.openRegistered()
        _ = try await store.own(StoreBench.claim())
        let taken = try await store.takeOver(
            host: StoreBench.there, hostRestarted: true, except: [], lease: StoreBench.lease, limit: 10)
        try expectEqual(taken, [], "the runs taken over")
    },
    StoreCheck("a host that was restarted takes its own runs back at once") { bench in
        let store = try await bench.openRegistered()
        let old = try await store.own(StoreBench.claim())
        let none = try await store.takeOver(
            host: StoreBench.here, hostRestarted: false, except: [], lease: StoreBench.lease, limit: 10)
        try expectEqual(none, [], "the runs taken over without a restart")
        let taken = try await store.takeOver(
            host: StoreBench.here, hostRestarted: true, except: [], lease: StoreBench.lease, limit: 10)
        try expectEqual(taken.map(\.owned.id), [old.id], "the runs taken back")
        try expect(
            try await !store.startAttempt(old, number: 1, at: StoreBench.midnight),
            "the old fence is still good")
    },
    StoreCheck("runs are taken over in the order in which they were due, at most as many as asked for") {
        bench in
        let store = try await bench.openRegistered()
        let order: [Int64] = [4, 1, 3, 0, 2]
        for number in order {
            _ = try await store.own(StoreBench.claim(number, isExclusive: false, lease: .zero))
        }
        var numbers: [Instant?] = []
        var fences: [Int64] = []
        for _ in 1...3 {
            let taken = try await store.takeOver(
                host: StoreBench.there, hostRestarted: false, except: [], lease: StoreBench.lease, limit: 2)
            numbers += taken.map(\.record.scheduledFor)
            fences += taken.map(\.owned.fence)
        }
        try expectEqual(numbers, (0..<5).map(StoreBench.occurrence), "the order")
        try expectEqual(Set(fences).count, 5, "different fences")
    },
    StoreCheck("two hosts that take over at once share the runs between them") { bench in
        let stores = [try await bench.openRegistered(), try await bench.open()]
        for number in Int64(0)..<12 {
            _ = try await stores[0].own(StoreBench.claim(number, isExclusive: false, lease: .zero))
        }
        let taken = try await withThrowingTaskGroup(of: [AbandonedRun].self) { group in
            for (number, store) in stores.enumerated() {
                group.addTask {
                    try await store.takeOver(
                        host: HostID("rescuer/\(number)"), hostRestarted: false, except: [],
                        lease: StoreBench.lease,
                        limit: 100)
                }
            }
            return try await group.reduce(into: [AbandonedRun]()) { $0 += $1 }
        }
        try expectEqual(taken.count, 12, "runs taken over")
        try expectEqual(Set(taken.map(\.owned.id)).count, 12, "different runs taken over")
    },
    StoreCheck("a finished run is never taken over") { bench in
        let store = try await bench.openRegistered()
        try await StoreBench.complete(StoreBench.claim(lease: .zero), in: store)
        let taken = try await store.takeOver(
            host: StoreBench.here, hostRestarted: true, except: [], lease: StoreBench.lease, limit: 10)
        try expectEqual(taken, [], "the runs taken over")
    },
]
