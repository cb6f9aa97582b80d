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

@Suite struct SpreadTests {
    @Test("a delay is the same in every process and within its bounds")
    func pinned() throws {
        let job = try #require(JobName("purge"))
        #expect(Spread.jitter(.zero, job: job, scheduledFor: at(0)) == .zero)
        let delay = Spread.jitter(.seconds(3600), job: job, scheduledFor: at(0))
        #expect(delay == Spread.jitter(.seconds(3600), job: job, scheduledFor: at(0)))
        #expect(delay == .microseconds(1544220891))
        let id = RunID(job: job, scheduledFor: at(0))
        #expect(
            (2...8).map { Spread.backoff(.seconds(1) ... .seconds(20), run: id, attempt: $0) }.allSatisfy {
                .seconds(1) ... .seconds(20) ~= $0
            })
        #expect(Spread.backoff(.seconds(30) ... .seconds(30), run: id, attempt: 5) == .seconds(30))
        for attempt in [-1, 0, 1] {
            #expect(Spread.backoff(.seconds(1) ... .seconds(20), run: id, attempt: attempt) == .seconds(1))
        }
        #expect(
            Spread.backoff(.seconds(86_400) ... .seconds(86_400 * 366), run: id, attempt: .max)
                <= .seconds(86_400 * 366))
    }

    @Test("the upper bound of a wait doubles")
    func doubling() throws {
        let job = try #require(JobName("purge"))
        for attempt in 2...6 {
            let waits = (0..<400).map {
                Spread.backoff(
                    .seconds(1) ... .seconds(1000), run: RunID(job: job, scheduledFor: at(Double($0))),
                    attempt: attempt)
            }
            let bound = Duration.seconds(1 << (attempt - 1))
            #expect(waits.allSatisfy { $0 >= .seconds(1) && $0 <= bound })
            #expect(try #require(waits.max()) > bound * 0.9)
        }
    }

    @Test("the delays of many jobs are spread evenly")
    func even() throws {
        var cells = [Int](repeating: 0, count: 100)
        for number in 0..<10_000 {
            let delay = Spread.jitter(
                .microseconds(999_999), job: try #require(JobName("job-\(number)")), scheduledFor: at(0))
            cells[Int(delay.wholeMicroseconds / 10_000)] += 1
        }
        // χ² with 99 degrees of freedom is below 149 in 999 of 1000 cases.
        let chiSquare = cells.reduce(0.0) { $0 + Double(($1 - 100) * ($1 - 100)) / 100 }
        #expect(chiSquare < 149)
    }
}

@Suite struct SecretMaskTests {
    @Test(
        "no part of a secret is left",
        arguments: [
            ("a secret1 b", "a *** b"), ("secret1secret1", "***"), ("xsecret12y", "x***y"),
            ("abcdefgh", "***"), ("abcdefg", "***gh"),
            ("secre", "secre"), ("", ""), ("abc", "abc"), ("äsecret1ö", "ä***ö"),
        ])
    func texts(_ text: String, _ masked: String) {
        let mask = SecretMask(["secret1", "secret12", "abcdef", "cdefgh", "abc"])
        #expect(mask.masked(text) == (text == "abcdefg" ? "***g" : masked))
    }

    @Test("a secret that was cut at the end is masked, from four bytes on")
    func cut() {
        let mask = SecretMask(["secret1"])
        #expect(mask.masked(Array("a secr".utf8), isCut: true) == Array("a ***".utf8))
        #expect(mask.masked(Array("a sec".utf8), isCut: true) == Array("a sec".utf8))
        #expect(mask.masked(Array("a secr".utf8), isCut: false) == Array("a secr".utf8))
        #expect(mask.masked(Array("secret1secr".utf8), isCut: true) == Array("***".utf8))
    }

    @Test("bytes that are no text stay as they are")
    func bytes() {
        let mask = SecretMask(["secret1"])
        #expect(
            mask.masked([0xff, 0xfe] + Array("secret1".utf8) + [0xff], isCut: false) == [
                0xff, 0xfe, 0x2a, 0x2a, 0x2a, 0xff,
            ])
    }

    @Test("every text of an exchange is masked")
    func exchanges() {
        let mask = SecretMask(["secret1"])
        func masked(_ result: Exchange.Result) -> Exchange.Result {
            mask.masked(Exchange(result: result, elapsed: .zero)).result
        }
        let cut = HTTPAnswer(status: 200, bodyBeginning: Array("x secre".utf8), bodyBytes: 100)
        guard case .answered(let answer) = masked(.answered(cut)) else { Issue.record("no answer"); return }
        #expect(answer.bodyBeginning == Array("x ***".utf8) && answer.bodyBytes == 100)
        #expect(masked(.notSent(.dns, "secret1")) == .notSent(.dns, "***"))
        #expect(masked(.broken(.connection, "secret1")) == .broken(.connection, "***"))
        #expect(masked(.timedOut("secret1")) == .timedOut("***"))
    }
}
