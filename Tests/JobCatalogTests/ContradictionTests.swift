import JobCatalog
import Testing

@Suite struct ContradictionTests {
    @Test(
        "options that do nothing together are told, at the one that does nothing",
        arguments: [
            ("0 1 * * *", "catch-up-window=2h", ["unused-window catch-up-window=2h"]),
            ("0 1 * * *", "catch-up=latest deadline=30s", ["catch-up-too-late deadline=30s"]),
            ("0 1 * * *", "catch-up=all catch-up-window=1m", ["catch-up-too-late catch-up-window=1m"]),
            ("0 1 * * *", "retry=0 backoff=5s", ["unused-backoff backoff=5s"]),
            ("0 1 * * *", "jitter=1h overdue-after=30m", ["overdue-before-start overdue-after=30m"]),
            ("0 * * * *", "jitter=1h", ["jitter-too-long jitter=1h"]),
            ("*/5 * * * *", "retry=3 backoff=5m", ["retry-never backoff=5m"]),
            ("*/10 * * * * *", "retry=5", ["retry-never retry=5"]),
            ("* * * * *", "overlap=replace timeout=2m", ["timeout-never timeout=2m"]),
        ] as [(String, String, [String])])
    func told(_ when: String, _ options: String, _ wanted: [String]) {
        let line = "\(when) x: POST /x \(options)"
        let found = read(line).diagnostics.map { diagnostic in
            let place = line.utf8.dropFirst(diagnostic.location.column - 1).prefix(diagnostic.width)
            return "\(diagnostic.code) \(String(decoding: Array(place), as: UTF8.self))"
        }
        #expect(found == wanted)
    }

    @Test(
        "options that are as they usually are, or mean something, are not told",
        arguments: [
            ("* * * * * *", ""), ("* * * * *", "timeout=10m"), ("* * * * *", "overlap=replace"),
            ("0 * * * *", "jitter=59m"), ("0 1 * * *", "deadline=30s"),
            ("10 0 * * *", "accept=200,204 timeout=10m catch-up=latest deadline=6h catch-up-window=2d"),
            ("0 0 28 2 *", "jitter=1h retry=5 backoff=10m"),
        ])
    func notTold(_ when: String, _ options: String) {
        #expect(read("\(when) x: POST /x \(options)").diagnostics == [])
    }
}
