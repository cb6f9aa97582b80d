import Testing

@testable import JobCatalog

@Suite("what jobs have in common")
struct SharedPartsTests {
    @Test("jobs of one file with the same rules and headers keep them once")
    func file() {
        let jobs = read(
            "0 1 * * * a: GET /a as=admin\n0 2 * * * b: POST /b as=admin retry=5\n0 3 * * * c: GET /c as=admin"
        ).jobs
        #expect(jobs[0].sharedPolicy === jobs[2].sharedPolicy)
        #expect(jobs[0].sharedPolicy !== jobs[1].sharedPolicy && jobs[1].policy.retries == 5)
        #expect(jobs[0].sharedHeaders === jobs[1].sharedHeaders)
        #expect(jobs.allSatisfy { $0.request.headers.count == 2 })
    }

    @Test("jobs of several files and of task files with the same rules and headers keep them once")
    func files() {
        var builder = CatalogBuilder()
        for name in ["a", "b"] {
            let file = ScheduleFile(
                Array("0 1 * * * \(name): GET /\(name) as=admin".utf8), file: name, zones: TestZones(),
                now: testNow,
                parts: &builder.parts)
            builder.add(file.jobs, file.diagnostics)
        }
        for name in ["one", "other"] {
            builder.add(tasks(taskText().replacing("purge", with: name))) { _ in nil }
        }
        let jobs = builder.catalog(zoneData: nil).jobs
        #expect(jobs.count == 4)
        #expect(jobs[0].sharedPolicy === jobs[1].sharedPolicy)
        #expect(jobs[0].sharedHeaders === jobs[1].sharedHeaders)
        #expect(jobs[2].sharedPolicy === jobs[3].sharedPolicy)
    }

    @Test("a change of a job changes no other job that has the same parts")
    func change() {
        let jobs = read("0 1 * * * a: GET /a as=admin\n0 2 * * * b: GET /b as=admin").jobs
        var changed = jobs[0]
        changed.policy.retries = 9
        changed.request.headers = []
        changed.isEnabled = false
        #expect(jobs[0].policy.retries == 2 && jobs[1].policy.retries == 2 && changed.policy.retries == 9)
        #expect(jobs[0].request.headers.count == 2 && changed.request.headers.isEmpty)
        #expect(jobs[0] != changed && jobs[0].configHash != changed.configHash)
        changed.policy = jobs[0].policy
        changed.request = jobs[0].request
        changed.isEnabled = true
        #expect(jobs[0] == changed && jobs[0].configHash == changed.configHash)
    }
}
