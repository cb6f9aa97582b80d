import CivilTime
import Testing

@testable import Site

@Suite("who has signed in")
struct SessionTests {
    private let now = Instant(seconds: 1_795_934_538)
    private let amina = Sessions.Visitor(name: "amina", token: "secret")

    @Test("a session lasts for twelve hours, and is over when it is ended")
    func lifetime() {
        let sessions = Sessions()
        let number = sessions.begin(amina, now: now)
        #expect(number.count == 32 && sessions.begin(amina, now: now) != number)
        #expect(sessions.visitor(number, now: now + .seconds(12 * 3600 - 1)) == amina)
        #expect(sessions.visitor(number, now: now + .seconds(12 * 3600)) == nil)
        #expect(sessions.visitor("", now: now) == nil && sessions.visitor(number + "0", now: now) == nil)
        sessions.end(number)
        #expect(sessions.visitor(number, now: now) == nil)
    }

    @Test("a form is sent once, on its own page, by the one who opened it")
    func tickets() {
        let sessions = Sessions()
        let number = sessions.begin(amina, now: now)
        let other = sessions.begin(amina, now: now)
        let ticket = sessions.ticket(for: "jobs/purge/run", of: number, now: now)
        #expect(!sessions.spend(ticket, for: "jobs/other/run", of: number))
        #expect(!sessions.spend(ticket, for: "jobs/purge/run", of: other))
        #expect(sessions.spend(ticket, for: "jobs/purge/run", of: number))
        #expect(!sessions.spend(ticket, for: "jobs/purge/run", of: number), "it was sent already")
        let member = sessions.ticket(for: "pause", of: "user 1000", now: now)
        #expect(sessions.spend(member, for: "pause", of: "user 1000"))
        #expect(sessions.visitor("user 1000", now: now) == nil, "nobody signed in with that")
    }

    @Test("sessions and forms are bounded; the oldest make room")
    func bounds() {
        let sessions = Sessions()
        let first = sessions.begin(amina, now: now)
        for number in 1...Sessions.most {
            _ = sessions.begin(amina, now: now + .seconds(Int64(number)))
        }
        #expect(sessions.visitor(first, now: now) == nil)
        let reader = sessions.begin(.init(name: "omar", token: "reader"), now: now)
        for number in 1...Sessions.most {
            _ = sessions.begin(.init(name: "omar", token: "reader"), now: now + .seconds(Int64(number)))
        }
        #expect(sessions.visitor(reader, now: now) == nil)
        let number = sessions.begin(amina, now: now + .seconds(100))
        for _ in 0..<Sessions.most * 2 { _ = sessions.begin(.init(name: "omar", token: "reader"), now: now) }
        #expect(sessions.visitor(number, now: now) == amina, "who only reads ends no session of who may act")
        let old = sessions.ticket(for: "pause", of: number, now: now)
        for _ in 0..<Sessions.ticketsMax { _ = sessions.ticket(for: "pause", of: number, now: now) }
        #expect(!sessions.spend(old, for: "pause", of: number))
    }
}
