import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Testing

@Suite struct StandingTests {
    private func standing(
        _ job: Job, watermark: Double, hash: String?, since: Double? = nil, now: Double
    ) -> Standing {
        let known = RegisteredJob(watermark: at(watermark), previousHash: hash, inForceSince: since.map(at))
        return Standing(Catalog(jobs: [job], zoneData: nil), known: [job.name: known], now: at(now))
    }

    @Test("a job that is as it was counts from its last decided occurrence")
    func unchanged() throws {
        let job = try makeJob()
        let standing = standing(job, watermark: 600, hash: job.configHash, since: 60, now: 9000)
        #expect(standing.watermarks == [job.name: at(600)])
        #expect(standing.countsFrom == [job.name: at(60) - .microseconds(1)] && standing.redefined == [])
    }

    @Test("a job that was changed while no daemon ran counts from now, and what it owed before is not known")
    func changed() throws {
        let job = try makeJob()
        let standing = standing(job, watermark: 600, hash: "another", since: 9000, now: 9000)
        #expect(standing.watermarks == [job.name: at(9000) - .microseconds(1)])
        #expect(standing.countsFrom == standing.watermarks)
        #expect(standing.redefined == [.init(job: job.name, decidedUntil: at(600))])
    }

    @Test("a change stays so when the daemon ends before it decided anything")
    func changedAndKilled() throws {
        let job = try makeJob()
        let standing = standing(job, watermark: 600, hash: job.configHash, since: 9000, now: 9500)
        #expect(standing.watermarks == [job.name: at(9000) - .microseconds(1)])
        #expect(standing.countsFrom == standing.watermarks && standing.redefined == [])
    }

    @Test("a job that is new, or was taken out and put back, counts from now")
    func new() throws {
        let job = try makeJob()
        let new = standing(job, watermark: 9000, hash: nil, since: 9000, now: 9000)
        #expect(new.watermarks == [job.name: at(9000)])
        #expect(new.countsFrom == [job.name: at(9000) - .microseconds(1)])
        let back = standing(job, watermark: 600, hash: nil, now: 9000)
        #expect(back.watermarks == [job.name: at(9000) - .microseconds(1)] && back.redefined == [])
        #expect(back.countsFrom == back.watermarks)
    }

    @Test("a new job owes nothing of before, also when its first run failed and the daemon was restarted")
    func newAndFailing() throws {
        let job = try makeJob(when: "* * * * *")
        let standing = standing(job, watermark: 9060, hash: job.configHash, since: 9010, now: 9090)
        let run = RunRecord(
            id: runID(job, 9060), job: job.name, trigger: .schedule, scheduledFor: at(9060), dueAt: at(9060),
            state: .finished, outcome: .failed, reason: .status, host: HostID("h/1"), configHash: "",
            createdAt: at(9060), finishedAt: at(9061))
        let summary = JobSummary(
            job: job.name, watermark: at(9060), lastRun: run, lastSuccess: nil, lastOccurrence: run,
            liveRuns: 0)
        let from = standing.countsFrom[job.name]
        let status = JobStatus(job: job, summary: summary, countsFrom: from, now: at(9090))
        #expect(status.overdueSince == nil && status.level == .warn)
        // Eleven minutes after its first occurrence it owes that one.
        let later = JobStatus(job: job, summary: summary, countsFrom: from, now: at(9060 + 661))
        #expect(later.overdueSince == at(9060) && later.level == .fail)
    }

    @Test("with a clock that was set back nothing counts from before what was decided")
    func setBack() throws {
        let job = try makeJob()
        #expect(standing(job, watermark: 9000, hash: "another", now: 600).watermarks == [job.name: at(9000)])
    }

    @Test("an edit during a standstill makes nothing due of before, and health owes nothing of it")
    func effect() throws {
        let job = try makeJob("catch-up=all", when: "*/5 * * * *")
        let standing = standing(job, watermark: 600, hash: "another", now: 9010)
        var scheduler = Scheduler(host: HostID("h/1"))
        let effects = scheduler.handle(
            .loaded(
                RegisteredCatalog(
                    Catalog(jobs: [job], zoneData: nil), watermarks: standing.watermarks,
                    countsFrom: standing.countsFrom)), at: at(9010))
        #expect(effects == [.inForce(number: 0), .takeOver(except: [])])
        #expect(scheduler.nextDue?.at == at(9300))
        #expect(scheduler.jobs.map(\.state.countsFrom) == [at(9010) - .microseconds(1)])
    }
}
