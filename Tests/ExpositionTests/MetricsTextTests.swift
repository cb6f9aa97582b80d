import CivilTime
import JobCatalog
import RequestText
import RunEngine
import RunModel
import Scheduling
import Testing

@testable import Exposition

@Suite("what Prometheus reads")
struct MetricsTextTests {
    @Test("labels are escaped, instants are decimals, and nil is 0")
    func samples() {
        var text = MetricsText()
        text.begin("x_seconds", .gauge, "Help.")
        text.add(["a": "one \"two\" \\ three\nfour"], at: Instant(microseconds: 1_000_005))
        text.add(at: nil)
        text.add([:], Duration.milliseconds(-1500))
        #expect(
            String(decoding: text.bytes, as: UTF8.self) == """
                # HELP x_seconds Help.
                # TYPE x_seconds gauge
                x_seconds{a="one \\"two\\" \\\\ three\\nfour"} 1.000005
                x_seconds 0
                x_seconds -1.5

                """)
    }

    @Test("buckets of a histogram add up, and a value at a bound is within it")
    func histogram() {
        var histogram = Histogram([0.1, 1])
        for milliseconds in [50, 100, 101, 5000, -3] { histogram.add(.milliseconds(milliseconds)) }
        var text = MetricsText()
        text.begin("x", .histogram, "Help.")
        text.add(["k": "v"], histogram)
        #expect(
            String(decoding: text.bytes, as: UTF8.self).split(separator: "\n").dropFirst(2) == [
                "x_bucket{k=\"v\",le=\"0.1\"} 3", "x_bucket{k=\"v\",le=\"1.0\"} 4",
                "x_bucket{k=\"v\",le=\"+Inf\"} 5", "x_sum{k=\"v\"} 5.251", "x_count{k=\"v\"} 5",
            ])
    }

    @Test("counters of jobs begin at zero, and those beyond the limit are in sums")
    func limit() throws {
        let jobs = try ["a", "b", "c"].map { try job($0) }
        let facts = HealthFacts(
            host: HostID("h/1"), version: "1", storeKind: "sqlite", startedAt: at(0),
            catalog: Catalog(jobs: jobs, zoneData: nil))
        var counters = Counters()
        counters.count([jobs[0].name])
        for job in jobs {
            counters.add(row(job, .failed))
            counters.sending(job.name, lateness: .milliseconds(2))
        }
        counters.sent(jobs[1].name, Exchange(result: .timedOut("x"), elapsed: .zero))
        let lines = String(
            decoding: Metrics.text(
                facts, .pass, counters,
                .init(residentMemory: 1, processorTime: .zero, openFiles: 1, openFilesMax: 1), jobsMax: 1,
                others: [], now: at(1)), as: UTF8.self
        ).split(separator: "\n").map(String.init)
        func has(_ line: String) -> Bool { lines.contains(line) }
        #expect(has("almanac_job_occurrences_total{job_name=\"a\",outcome=\"failed\"} 1"))
        #expect(has("almanac_job_occurrences_total{job_name=\"a\",outcome=\"missed\"} 0"))
        #expect(has("almanac_job_occurrences_total{outcome=\"failed\"} 2"))
        #expect(has("almanac_job_attempts_total{result=\"timeout\"} 1"))
        #expect(has("almanac_job_running{job_name=\"a\"} 1") && has("almanac_job_running 1"))
        #expect(has("almanac_jobs_without_series 2"))
        #expect(!lines.contains { $0.contains("job_name=\"b\"") })
        #expect(has("almanac_scheduler_lateness_seconds_count 3"))
    }

    @Test("an occurrence that is decided as a row of several counts as so many; a dry run not at all")
    func spans() throws {
        let job = try job("a")
        var counters = Counters()
        counters.count([job.name])
        var missed = row(job, .missed)
        missed.occurrences = 5
        counters.add(missed)
        var rehearsal = row(job, .succeeded)
        rehearsal.isDryRun = true
        counters.add(rehearsal)
        #expect(counters[job.name].outcomes.reduce(0, +) == 5)
    }

    @Test("a job that leaves the limit and comes back keeps its counts elsewhere, and nothing is below zero")
    func reload() throws {
        let job = try job("a")
        var counters = Counters()
        counters.sending(job.name, lateness: nil)
        counters.count([job.name])
        counters.sent(job.name, Exchange(result: .timedOut("x"), elapsed: .zero))
        #expect(counters.running[job.name] == nil)
        #expect(counters[job.name].attempts.reduce(0, +) == 1)
    }

    private func at(_ seconds: Double) -> Instant {
        Instant(seconds: 1_772_323_200) + .milliseconds(Int64(seconds * 1000))
    }

    private func job(_ name: String) throws -> Job {
        Job(
            name: try #require(JobName(name)), schedule: nil,
            request: RequestTemplate(method: "POST", url: TemplateText([])), policy: Policy(),
            source: SourceLocation(file: "t.cron", line: 1))
    }

    private func row(_ job: Job, _ outcome: Outcome) -> RunRecord {
        RunRecord(
            id: RunID(job: job.name, scheduledFor: at(0)), job: job.name, trigger: .schedule,
            scheduledFor: at(0), dueAt: at(0), state: .finished, outcome: outcome, host: HostID("h/1"),
            configHash: "", createdAt: at(0), finishedAt: at(1))
    }
}
