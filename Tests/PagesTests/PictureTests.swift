import CivilTime
import JobCatalog
import Markup
import Records
import RunModel
import Scheduling
import Testing

@testable import Pages

@Suite("pictures")
struct PictureTests {
    private let job = Fixture.jobs("7 * * * * purge: POST /api as=none\n")[0]

    private func text(_ html: HTML) -> String { String(decoding: html.bytes, as: UTF8.self) }
    private func count(_ part: String, in text: String) -> Int { text.components(separatedBy: part) - 1 }

    @Test("a strip tells each outcome apart by shape, is one path an outcome, and says what it shows")
    func strip() {
        let all = Outcome.allCases
        let strip = Strip(marks: Fixture.marks(job.name) { all[$0 % all.count] })
        let picture = text(strip.html)
        #expect(count("<path", in: picture) == all.count + 1)
        #expect(
            picture.contains(
                "aria-label=\"last 60: 9 succeeded, 9 declined, 9 failed, 9 timed out, 8 unknown, 8 skipped, 8 missed\""
            ))
        let plain = text(Strip(marks: Fixture.marks(job.name)).html)
        #expect(count("<path", in: plain) == 1 && plain.utf8.count < 800, "\(plain.utf8.count)")
    }

    @Test("a longer run has a higher bar, ten times as long as much as a hundred times from there")
    func scale() {
        let scale = LogScale([.milliseconds(10), .seconds(1), .milliseconds(100)])
        let (short, middle, long) = (
            scale.part(.milliseconds(10)), scale.part(.milliseconds(100)), scale.part(.seconds(1))
        )
        #expect(short == 0 && long == 1 && abs(middle - 0.5) < 0.05)
        let same = LogScale([.seconds(3), .seconds(3)])
        #expect(same.part(.seconds(3)) == 0.5, "what hardly differs is not stretched")
    }

    @Test("a lane with more than 48 marks is a band, through which troubles are seen")
    func bands() {
        func line(_ upcoming: Int, _ marks: [RunMark], troubles: [RunMark] = []) -> String {
            let lane = TimeLine.Lane(
                job: job.name, marks: marks, troubles: troubles,
                upcoming: (1...upcoming).map { Fixture.now + .seconds(Int64($0) * 600) }, next: nil,
                isPaused: false)
            return text(TimeLine(lanes: [lane], times: Fixture.times).html)
        }
        #expect(!line(48, []).contains("class=\"band\"") && line(49, []).contains("class=\"band\""))
        // Sixty runs within an hour say nothing of the eleven before.
        let minutes = (0..<60).map { RunMark(Fixture.run(job.name, ago: Int64($0) * 60)) }
        let trouble = RunMark(Fixture.run(job.name, ago: 20_000, .failed))
        let busy = line(1, minutes, troubles: [trouble])
        #expect(busy.contains("class=\"band-ok\"") && busy.contains("class=\"k-bad\""))
        #expect(busy.contains("purge: 1 did not end well, 1 to come"))
    }

    @Test("the time line covers 12 hours before and 24 after, and nothing beyond")
    func span() {
        let marks = [Int64(100), 43_000, 44_000].map { RunMark(Fixture.run(job.name, ago: $0)) }
        let lane = TimeLine.Lane(
            job: job.name, marks: marks, troubles: [], upcoming: [], next: Fixture.now + .seconds(90_000),
            isPaused: false)
        let picture = text(TimeLine(lanes: [lane], times: Fixture.times).html)
        let dots = picture.components(separatedBy: "class=\"d-ok\" d=\"").last?.prefix { $0 != "\"" } ?? ""
        #expect(dots.filter { $0 == "M" }.count == 2)
        #expect(picture.contains("next Mon 30 Nov 07:42"))
    }

    @Test("the waterfall has a line for each attempt and each wait")
    func waterfall() {
        var run = Fixture.run(job.name, ago: 7200, .failed, took: .seconds(244))
        run.attempts = 3
        let starts: [Int64] = [0, 71, 214]
        let attempts = starts.enumerated().map { number, start in
            AttemptRecord(
                number: number + 1, startedAt: run.dueAt + .seconds(start),
                finishedAt: run.dueAt + .seconds(start + 30),
                httpStatus: 502, reason: .status)
        }
        let picture = text(Waterfall(run: run, attempts: attempts, times: Fixture.times).html)
        #expect(
            picture.contains(
                "aria-label=\"due: 04:42:18.000 UTC, started on time; attempt 1: 502 in 30 s; wait: 41 s; attempt 2: 502 in 30 s; wait: 1 min 53 s; attempt 3: 502 in 30 s; failed: after 4 min 4 s\""
            ), "\(picture.prefix(400))")
    }

    @Test("a plot shows what is usual, and where this run is")
    func plot() {
        let marks = Fixture.marks(job.name)
        let picture = text(Plot("Duration", marks, of: marks[3].id, Fixture.times) { $0.duration }.html)
        #expect(picture.contains("class=\"usual\"") && count("class=\"this\"", in: picture) == 1)
        #expect(picture.contains("Duration of the last 60: usually "))
        let lone = text(
            Plot("Duration", Array(marks.prefix(1)), of: marks[0].id, Fixture.times) { $0.duration }.html)
        #expect(lone.contains("nothing to compare with yet"))
    }
}

extension String {
    fileprivate func components(separatedBy part: String) -> [Substring] {
        var (parts, rest) = ([Substring](), self[...])
        while let range = rest.firstRange(of: part) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}

private func - (parts: [Substring], one: Int) -> Int { parts.count - one }
