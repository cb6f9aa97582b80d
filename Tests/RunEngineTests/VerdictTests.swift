import CivilTime
import JobCatalog
import RunEngine
import RunModel
import Testing

@Suite struct VerdictTests {
    private func verdict(_ result: Exchange.Result, _ options: String = "accept=200,204 decline=404") throws
        -> String
    {
        let verdict = Verdict(
            Exchange(result: result, elapsed: .zero), policy: try makeJob(options).policy,
            givenUpFor: .shutdown,
            now: Instant(seconds: 784_111_777))
        return switch verdict {
        case .end(let outcome, let reason, _):
            [outcome.rawValue, reason?.rawValue].compactMap(\.self).joined(separator: " ")
        case .retry(let reason, _, let after):
            "retry \(reason.rawValue)" + (after.map { " \($0.components.seconds)" } ?? "")
        }
    }

    @Test(
        "each status means one thing",
        arguments: [
            (200, "succeeded"), (204, "succeeded"), (201, "failed status"), (404, "declined status"),
            (301, "failed status"),
            (302, "failed status"), (304, "failed status"), (400, "failed status"), (401, "failed token"),
            (403, "failed token"),
            (405, "failed status"), (408, "retry status"), (422, "failed status"), (425, "retry status"),
            (429, "retry status"),
            (500, "retry status"), (503, "retry status"), (599, "retry status"),
        ])
    func statuses(_ status: Int, _ wanted: String) throws {
        #expect(try verdict(.answered(HTTPAnswer(status: status))) == wanted)
    }

    @Test("accepted and declined come before everything else")
    func precedence() throws {
        #expect(try verdict(.answered(HTTPAnswer(status: 503)), "decline=503") == "declined status")
        #expect(try verdict(.answered(HTTPAnswer(status: 500)), "accept=500") == "succeeded")
        #expect(try verdict(.answered(HTTPAnswer(status: 401)), "decline=401") == "declined status")
    }

    @Test("with retry-on=unsent an answer is final, and what was not sent may still be sent again")
    func unsent() throws {
        let options = "retry-on=unsent decline=503"
        #expect(try verdict(.answered(HTTPAnswer(status: 500)), options) == "failed status")
        #expect(try verdict(.answered(HTTPAnswer(status: 503)), options) == "declined status")
        #expect(try verdict(.notSent(.tls, ""), options) == "retry tls")
    }

    @Test("what was not sent may be sent again, what may have been sent may not")
    func failures() throws {
        #expect(try verdict(.notSent(.connect, "")) == "retry connect")
        #expect(try verdict(.notSent(.dns, "")) == "retry dns")
        #expect(try verdict(.notSent(.configuration, "")) == "failed configuration")
        #expect(try verdict(.broken(.connection, "")) == "unknown connection")
        #expect(try verdict(.timedOut("")) == "timed_out timeout")
        #expect(try verdict(.cancelled(requestMayHaveBeenSent: true)) == "unknown shutdown")
        #expect(try verdict(.cancelled(requestMayHaveBeenSent: false)) == "failed shutdown")
    }

    @Test(
        "Retry-After is read in both forms, and what is neither is left out",
        arguments: [
            ("0", 0), (" 120 ", 120), ("99999999999999999999", 31_622_400),
            ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0), ("", nil), ("-1", nil), ("+1", nil), ("1.5", nil),
            ("soon", nil),
            ("Sun, +6 Nov 1994 08:50:37 GMT", nil), ("Sun, 06 Nov 1994 08::50:37 GMT", nil),
            ("Sun, 06 Nov 1994 -1:50:37 GMT", nil),
            ("Sun, 31 Feb 1994 08:50:37 GMT", nil), ("Sun, 06 Nov 1994 24:00:00 GMT", nil),
            ("Sun, 06 Nov 1994 08:50:37 CET", nil),
            ("Sunday, 06-Nov-94 08:49:37 GMT", nil),
        ] as [(String, Int64?)])
    func retryAfter(_ text: String, _ seconds: Int64?) throws {
        #expect(RetryAfter.parse(text, now: Instant(seconds: 784_111_777))?.components.seconds == seconds)
        let wanted = "retry status" + (seconds.map { " \($0)" } ?? "")
        #expect(try verdict(.answered(HTTPAnswer(status: 429, retryAfter: text))) == wanted)
    }
}
