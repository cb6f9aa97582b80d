import CivilTime
import Records
import RunModel

/// Calls that come at once are each answered as if they had come one after the other.
let crowdChecks = [
    StoreCheck("runs of many jobs that begin and end at once are all on record, each with its own end") {
        bench in
        let store = try await bench.open()
        let jobs = try await registerCrowd(in: store)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, job) in jobs.enumerated() {
                group.addTask {
                    let fails = number % 3 == 0
                    try await StoreBench.complete(
                        StoreBench.claim(of: job), in: store, outcome: fails ? .failed : .succeeded,
                        reason: fails ? .status : nil)
                }
            }
            try await group.waitForAll()
        }
        for (number, job) in jobs.enumerated() {
            let (run, attempts) = try await store.existing(StoreBench.claim(of: job).run.id)
            try expectEqual(run.outcome, number % 3 == 0 ? .failed : .succeeded, "the outcome of \(job)")
            try expectEqual(attempts.map(\.httpStatus), [200], "the attempts of \(job)")
            try expectEqual(
                try await store.summary(of: job).watermark, StoreBench.midnight, "the watermark of \(job)")
        }
    },
    StoreCheck("of claims of one job that come at once, each occurrence is decided once, and one run is live")
    { bench in
        let store = try await bench.openRegistered()
        let answers = try await withThrowingTaskGroup(of: ClaimAnswer.self) { group in
            for number in 0..<40 {
                let claim = StoreBench.claim(Int64(number % 4))
                group.addTask { try await store.claim(claim) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        // The host's own claim, repeated before an attempt, is granted again, under a fence of its own.
        let owned = answers.compactMap { if case .claimed(let owned) = $0 { owned } else { nil } }
        try expectEqual(Set(owned.map(\.id)).count, 1, "the runs claimed")
        try expectEqual(Set(owned.map(\.fence)).count, owned.count, "the fences given")
        try expectEqual(try await store.history(HistoryQuery(limit: 100)).count, 1, "the rows")
    },
    StoreCheck("a call that is refused in a crowd fails alone") { bench in
        let store = try await bench.open()
        let jobs = try await registerCrowd(in: store)
        let failures = try await withThrowingTaskGroup(of: StoreError?.self) { group in
            for (number, job) in jobs.enumerated() {
                var claim = StoreBench.claim(of: job)
                if number == 7 { claim.run.outcome = .succeeded }
                group.addTask { [claim] in
                    do throws(StoreError) {
                        _ = try await store.claim(claim)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try expectEqual(failures.compactMap { $0?.reason }, [.defect], "what was refused")
        try expectEqual(
            try await store.history(HistoryQuery(limit: 1000)).count, jobs.count - 1, "the rows of the others"
        )
    },
    StoreCheck("callers that are cancelled in a crowd leave the store as it should be") { bench in
        let store = try await bench.open()
        let jobs = try await registerCrowd(in: store)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for job in jobs {
                group.addTask { _ = try? await store.claim(StoreBench.claim(of: job)) }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        for job in jobs { _ = try await store.own(StoreBench.claim(of: job)) }
    },
]

/// The jobs of a crowd, which the store knows since a minute before midnight.
private func registerCrowd(in store: any Store) async throws -> [JobName] {
    let jobs = (0..<60).compactMap { JobName("job-\($0)") }
    _ = try await store.register(
        jobs.map { JobRegistration(job: $0, configHash: "c0ffee") }, by: StoreBench.here,
        now: StoreBench.midnight - .seconds(60))
    return jobs
}
