import CivilTime
import JobCatalog
import Testing

@testable import Pages

@Suite("the calendar")
struct CalendarTests {
    private func lines(_ jobs: String) -> [String] {
        String(decoding: Calendar.document(Fixture.jobs(jobs), now: Fixture.now), as: UTF8.self)
            .split(separator: "\r\n").map(String.init)
    }

    @Test(
        "a job that is due at most four times a day has an entry for each occurrence, and another a note a day"
    )
    func entries() {
        let four = lines("0 0,6,12,18 * * * four: POST /api as=none\n")
        #expect(four.count { $0 == "BEGIN:VEVENT" } == 31 * 4)
        #expect(four.contains("DTSTART:20261129T120000Z") && four.contains("SUMMARY:four"))
        let five = lines("0 0,6,12,18,20 * * * five: POST /api as=none\n")
        #expect(five.count { $0 == "BEGIN:VEVENT" } == 1 && five.contains("RRULE:FREQ=DAILY;COUNT=31"))
        let none = lines("15 4 29 2 * leap: POST /api as=none enabled=no\n")
        #expect(!none.contains("BEGIN:VEVENT"))
    }

    @Test("lines end as the standard says, and none is longer than 75 bytes")
    func folded() {
        let name = "a" + String(repeating: "b", count: 62)
        let bytes = Calendar.document(
            Fixture.jobs("0,1,2,3,5,8,13 * * * * \(name): POST /api as=none\n"), now: Fixture.now)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("BEGIN:VCALENDAR\r\n") && text.hasSuffix("END:VCALENDAR\r\n"))
        #expect(text.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 75 })
        #expect(text.replacing("\r\n ", with: "").contains("SUMMARY:\(name): "))
    }

    @Test("it stays within its limit, however many jobs there are")
    func bounded() {
        let jobs = (0..<300).map {
            "0 \($0 % 24) * * * \("job-\($0)-" + String(repeating: "x", count: 50)): POST /api as=none\n"
        }
        let size = Calendar.document(Fixture.jobs(jobs.joined()), now: Fixture.now).count
        #expect(size <= 200 * 1024, "\(size)")
    }
}
