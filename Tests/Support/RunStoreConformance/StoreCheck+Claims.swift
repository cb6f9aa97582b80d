import CivilTime
import Records
import RunModel

let registrationChecks = [
    StoreCheck("a job that a store has forgotten is known from before it was decided") { bench in
        let store = try await bench.open()
        var job = JobRegistration(
            job: StoreBench.purge, configHash: "1", decidedUntil: StoreBench.occurrence(2))
        job.knownSince = StoreBench.occurrence(1)
        _ = try await store.register([job], by: StoreBench.here, now: StoreBench.occurrence(3))
        try expectEqual(
            try await store.summary(of: StoreBench.purge).watermark, StoreBench.occurrence(2), "the watermark"
        )
        try expectEqual(
            try await store.definitions(of: StoreBench.purge).map(\.since), [StoreBench.occurrence(1)],
            "since when it is known")
        _ = try await store.own(StoreBench.claim(2))
    },
    StoreCheck("a job that was unknown has nothing to catch up with before it was registered") { bench in
        let store = try await bench.open()
        let job = JobRegistration(job: StoreBench.purge, configHash: "1")
        let known = try await store.register([job], by: StoreBench.here, now: StoreBench.midnight)
        let first = RegisteredJob(watermark: StoreBench.midnight, inForceSince: StoreBench.midnight)
        try expectEqual(known, [StoreBench.purge: first], "what was known")
    },
    StoreCheck(
        "a job that the store has forgotten is registered with how far it had come; one that it knows is not"
    ) {
        bench in
        let store = try await bench.open()
        let job = JobRegistration(
            job: StoreBench.purge, configHash: "1", decidedUntil: StoreBench.occurrence(2))
        let known = try await store.register([job], by: StoreBench.here, now: StoreBench.occurrence(5))
        let first = RegisteredJob(
            watermark: StoreBench.occurrence(2), inForceSince: StoreBench.occurrence(2))
        try expectEqual(known, [StoreBench.purge: first], "a job that it does not know")
        let changed = JobRegistration(
            job: StoreBench.purge, configHash: "2", decidedUntil: StoreBench.occurrence(7))
        let again = try await store.register([changed], by: StoreBench.here, now: StoreBench.occurrence(9))
        let second = RegisteredJob(
            watermark: StoreBench.occurrence(2), previousHash: "1", inForceSince: StoreBench.occurrence(9))
        try expectEqual(again, [StoreBench.purge: second], "a job that it knows")
    },
    StoreCheck("a job that is registered again keeps its watermark, and its definition before is told") {
        bench in
        let store = try await bench.openRegistered()
        _ = try await store.own(StoreBench.claim(3))
        let job = JobRegistration(job: StoreBench.purge, configHash: "changed")
        for (before, minute) in [("c0ffee", 9), ("changed", 10)] as [(String, Int64)] {
            let known = try await bench.open().register(
                [job], by: StoreBench.there, now: StoreBench.occurrence(minute))
            let wanted = RegisteredJob(
                watermark: StoreBench.occurrence(3), previousHash: before,
                inForceSince: StoreBench.occurrence(9))
            try expectEqual(known, [StoreBench.purge: wanted], "what was known")
        }
    },
    StoreCheck("a definition is in force since it was put in force last, whatever the zone data") { bench in
        let store = try await bench.open()
        let steps: [(hash: String?, zoneData: String, since: Int64)] = [
            ("1", "2025a", 0), ("1", "2025b", 0), ("2", "2025b", 2), ("1", "2025b", 3), (nil, "", 3),
            ("1", "2025b", 5),
        ]
        for (minute, step) in steps.enumerated() {
            let jobs = step.hash.map {
                [JobRegistration(job: StoreBench.purge, configHash: $0, zoneData: step.zoneData)]
            }
            let known = try await store.register(
                jobs ?? [], by: StoreBench.here, now: StoreBench.occurrence(Int64(minute)))
            try expectEqual(
                known[StoreBench.purge]?.inForceSince, jobs.map { _ in StoreBench.occurrence(step.since) },
                "step \(minute)")
        }
    },
    StoreCheck("a job that its host does not register any more has no definition") { bench in
        let store = try await bench.openRegistered()
        let jobs = [StoreBench.purge, StoreBench.refresh].map {
            JobRegistration(job: $0, configHash: "c0ffee")
        }
        _ = try await store.register([jobs[1]], by: StoreBench.there, now: StoreBench.midnight)
        _ = try await store.register([], by: StoreBench.here, now: StoreBench.midnight)
        let known = try await store.register(jobs, by: StoreBench.here, now: StoreBench.midnight)
        try expectEqual(known[StoreBench.purge]?.previousHash, nil, "the job that was taken out")
        try expectEqual(known[StoreBench.refresh]?.previousHash, "c0ffee", "the job that another host has")
    },
    StoreCheck("a run by hand makes its job known, and puts no definition in force") { bench in
        let store = try await bench.openRegistered()
        let job = JobRegistration(job: StoreBench.purge, configHash: "edited")
        for _ in 1...2 {
            let known = try await store.register([job], by: nil, now: StoreBench.midnight)
            try expectEqual(known[StoreBench.purge]?.previousHash, "c0ffee", "the definition")
        }
    },
    StoreCheck("registering no job answers nothing") { bench in
        let known = try await bench.open().register([], by: StoreBench.here, now: StoreBench.midnight)
        try expectEqual(known, [:], "what was known")
    },
]

let claimChecks = [
    StoreCheck("a claim writes the row before anything else happens and moves the watermark") { bench in
        let store = try await bench.openRegistered()
        let claim = StoreBench.claim()
        let owned = try await store.own(claim)
        try expectEqual(owned.id, claim.run.id, "the identity")
        let found = try await bench.open().existing(claim.run.id)
        try expectEqual(found.record, claim.run, "the row")
        try expectEqual(found.attempts, [], "the attempts")
        try expectEqual(
            try await store.summary(of: StoreBench.purge).watermark, StoreBench.midnight, "the watermark")
    },
    StoreCheck("a claim whose row is running records its first attempt with it") { bench in
        let store = try await bench.openRegistered()
        let claim = StoreBench.startedClaim()
        let owned = try await store.own(claim)
        let found = try await bench.open().existing(owned.id)
        try expectEqual(found.record, claim.run, "the row")
        let attempt = AttemptRecord(number: 1, startedAt: StoreBench.midnight)
        try expectEqual(found.attempts, [attempt], "the attempts")
        var end = Completion(outcome: .succeeded, finishedAt: StoreBench.midnight + .seconds(1))
        end.attempt = AttemptRecord(
            number: 1, startedAt: attempt.startedAt, finishedAt: end.finishedAt, httpStatus: 200)
        try expect(try await store.finish(owned, end), "the owner could not finish its run")
        try expectEqual(try await store.existing(owned.id).attempts, [end.attempt], "the attempts at the end")
    },
    StoreCheck("a repeated claim that started an attempt is answered only to whoever wrote the row") {
        bench in
        let store = try await bench.openRegistered()
        let claim = StoreBench.startedClaim()
        let first = try await store.own(claim)
        let second = try await store.own(claim)
        try expect(second.fence > first.fence, "the fence did not grow")
        try expectEqual(try await store.existing(first.id).attempts.map(\.number), [1], "the attempts")
        // As a copy of the host, or its next life, would ask.
        var later = claim
        later.run.createdAt = claim.run.createdAt + .microseconds(1)
        let answer = try await store.claim(later)
        try expectEqual(answer, .alreadyDecided, "a claim of the same host at another time")
        _ = try await store.startAttempt(second, number: 2, at: StoreBench.midnight)
        let late = try await store.claim(claim)
        try expectEqual(late, .alreadyDecided, "a claim after the second attempt")
    },
    StoreCheck("a pause skips a claim that would have started an attempt, and no attempt is left of it") {
        bench in
        let store = try await bench.openRegistered()
        let pause = Pause(scope: .all, at: StoreBench.midnight, by: "amina")
        try await store.pause(pause)
        let claim = StoreBench.startedClaim()
        guard case .paused = try await store.claim(claim) else {
            throw Violation(description: "a claim is not held back by a pause of all")
        }
        let found = try await store.existing(claim.run.id)
        try expectEqual(found.record.attempts, 0, "the number of attempts")
        try expectEqual(found.record.startedAt, nil, "the start of the first attempt")
        try expectEqual(found.attempts, [], "the attempts")
    },
    StoreCheck("an occurrence is claimed once: another host learns that it is decided") { bench in
        let store = try await bench.openRegistered()
        _ = try await store.own(StoreBench.claim())
        let answer = try await bench.open().claim(StoreBench.claim(on: StoreBench.there))
        try expectEqual(answer, .alreadyDecided, "the second claim")
    },
    StoreCheck("an occurrence that is finished stays decided") { bench in
        let store = try await bench.openRegistered()
        try await StoreBench.complete(StoreBench.claim(), in: store)
        let answer = try await store.claim(StoreBench.claim())
        try expectEqual(answer, .alreadyDecided, "the second claim")
    },
    StoreCheck("many claims of one occurrence from several stores make one run") { bench in
        let stores = [try await bench.openRegistered(), try await bench.open(), try await bench.open()]
        let answers = try await withThrowingTaskGroup(of: ClaimAnswer.self) { group in
            for number in 0..<24 {
                let store = stores[number % stores.count]
                let claim = StoreBench.claim(on: HostID("host/\(number)"))
                group.addTask { try await store.claim(claim) }
            }
            var answers: [ClaimAnswer] = []
            for try await answer in group { answers.append(answer) }
            return answers
        }
        try expectEqual(answers.count { $0 == .alreadyDecided }, 23, "claims that came too late")
    },
    StoreCheck("a host that repeats a claim because the answer was lost still has the run, under a new fence")
    { bench in
        let store = try await bench.openRegistered()
        let first = try await store.own(StoreBench.claim())
        let second = try await store.own(StoreBench.claim())
        try expect(second.fence > first.fence, "the fence did not grow")
        try expect(
            try await !store.startAttempt(first, number: 1, at: StoreBench.midnight),
            "the old fence is still good")
        try expect(
            try await store.startAttempt(second, number: 1, at: StoreBench.midnight),
            "the new fence is not good")
        let third = try await store.claim(StoreBench.claim())
        try expectEqual(third, .alreadyDecided, "a claim after the first attempt")
    },
    StoreCheck("an exclusive claim is told which live run it overlaps, and writes nothing") { bench in
        let store = try await bench.openRegistered()
        _ = try await store.own(StoreBench.claim(0))
        let answer = try await bench.open().claim(StoreBench.claim(1, on: StoreBench.there))
        try expectEqual(answer, .overlaps(StoreBench.claim(0).run.id), "the second claim")
        let summary = try await store.summary(of: StoreBench.purge)
        try expectEqual(summary.watermark, StoreBench.midnight, "the watermark")
        try expectEqual(try await store.run(StoreBench.claim(1).run.id)?.record, nil, "the row")
    },
    StoreCheck("an exclusive claim overlaps also a live run that is not exclusive, and one by hand") {
        bench in
        let store = try await bench.openRegistered()
        let free = StoreBench.manualClaim(5, isExclusive: false)
        _ = try await store.own(free)
        let answer = try await store.claim(StoreBench.claim(1))
        try expectEqual(answer, .overlaps(free.run.id), "the claim")
    },
    StoreCheck("many exclusive claims of different occurrences leave one live run") { bench in
        let stores = [try await bench.openRegistered(), try await bench.open()]
        let answers = try await withThrowingTaskGroup(of: ClaimAnswer.self) { group in
            for number in Int64(0)..<16 {
                let store = stores[Int(number) % stores.count]
                group.addTask { try await store.claim(StoreBench.claim(number)) }
            }
            return try await group.reduce(into: [ClaimAnswer]()) { $0.append($1) }
        }
        let claimed = answers.count { if case .claimed = $0 { true } else { false } }
        try expectEqual(claimed, 1, "exclusive claims that won")
        try expectEqual(try await stores[0].summary(of: StoreBench.purge).liveRuns, 1, "live runs")
    },
    StoreCheck("claims that are not exclusive run side by side") { bench in
        let store = try await bench.openRegistered()
        _ = try await store.own(StoreBench.claim(0, isExclusive: false))
        _ = try await store.own(StoreBench.claim(1, isExclusive: false))
        try expectEqual(try await store.summary(of: StoreBench.purge).liveRuns, 2, "live runs")
    },
    StoreCheck("a live run of one job does not hold up another job") { bench in
        let store = try await bench.openRegistered()
        _ = try await store.own(StoreBench.claim(0))
        _ = try await store.own(StoreBench.claim(0, of: StoreBench.refresh))
    },
    StoreCheck("a run by hand decides no occurrence and leaves the watermark alone") { bench in
        let store = try await bench.openRegistered()
        try await StoreBench.complete(StoreBench.manualClaim(), in: store)
        let summary = try await store.summary(of: StoreBench.purge)
        try expectEqual(summary.watermark, StoreBench.midnight - .seconds(60), "the watermark")
        _ = try await store.own(StoreBench.claim())
    },
    StoreCheck("the watermark never goes back") { bench in
        let store = try await bench.openRegistered()
        try await StoreBench.complete(StoreBench.claim(5), in: store)
        try await StoreBench.complete(StoreBench.claim(2), in: store)
        try await store.record([StoreBench.decision(1)])
        let summary = try await store.summary(of: StoreBench.purge)
        try expectEqual(summary.watermark, StoreBench.occurrence(5), "the watermark")
    },
    StoreCheck("a rehearsed claim is answered as a real one and leaves no trace") { bench in
        let store = try await bench.openRegistered()
        let answer = try await store.rehearse(StoreBench.claim())
        guard case .claimed = answer else {
            throw Violation(description: "the rehearsal was answered \(answer)")
        }
        try expectEqual(try await store.run(StoreBench.claim().run.id)?.record, nil, "the row")
        let summary = try await store.summary(of: StoreBench.purge)
        try expectEqual(summary.watermark, StoreBench.midnight - .seconds(60), "the watermark")
        try expectEqual(summary.liveRuns, 0, "live runs")
        let owned = try await store.own(StoreBench.claim(1))
        var dry = StoreBench.manualClaim()
        dry.run.isDryRun = true
        try expectEqual(
            try await store.rehearse(dry), .overlaps(owned.id), "a dry run beside a live one")
    },
]
