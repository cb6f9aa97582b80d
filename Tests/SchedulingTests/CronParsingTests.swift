import CivilTime
import RandomInput
import Scheduling
import Testing

/// Every form of the language with its verdict, as `docs/schedules.md` has them.
@Suite struct CronParsingTests {
    @Test(
        "a form that is read has one normal form",
        arguments: [
            // Fields and blanks.
            ("10 0 * * *", "10 0 * * *"), ("\t10  0 *\t* *  ", "10 0 * * *"), ("00 09 01 01 *", "0 9 1 1 *"),
            ("0 10 0 * * *", "10 0 * * *"), ("30 10 0 * * *", "30 10 0 * * *"),
            ("0 0 0 1 1 * *", "0 0 1 1 *"),
            ("0 0 0 1 1 * 2030", "0 0 0 1 1 * 2030"), ("0 0 0 1 1 * 2030-2034/2", "0 0 0 1 1 * 2030-2034/2"),
            ("0 0 0 1 1 * 1970-2199", "0 0 1 1 *"), ("0 0 0 1 1 * */2", "0 0 0 1 1 * */2"),
            ("0 0 0 1 1 * 2030/100", "0 0 0 1 1 * 2030,2130"),
            // Lists, ranges, steps.
            ("5,20,20 * * * *", "5,20 * * * *"), ("0-59 * * * *", "0-59 * * * *"),
            ("*/1 * * * *", "* * * * *"),
            ("*/15 * * * *", "*/15 * * * *"), ("0-45/15 * * * *", "0-45/15 * * * *"),
            ("7-7 * * * *", "7 * * * *"),
            ("0/15 * * * *", "0-45/15 * * * *"), ("5/15 * * * *", "5-50/15 * * * *"),
            ("*/90 * * * *", "*/60 * * * *"),
            ("*/20,5 * * * *", "*/20,5 * * * *"), ("5,*/20 * * * *", "0,5,20,40 * * * *"),
            ("1,2,3,4,8 * * * *", "1-4,8 * * * *"), ("1,3,5 1,2 * * *", "1-5/2 1,2 * * *"),
            // Ranges around the end.
            ("0 22-2 * * *", "0 0-2,22,23 * * *"), ("50-10/10 * * * *", "0,10,50 * * * *"),
            ("0 0 30-2 * *", "0 0 1,2,30,31 * *"), ("0 0 * NOV-FEB *", "0 0 * 1,2,11,12 *"),
            ("0 0 * * FRI-MON", "0 0 * * 0,1,5,6"), ("0 20-4/2 * * *", "0 0,2,4,20,22 * * *"),
            // Names.
            ("0 0 * jan,Feb,MAR Mon-fri", "0 0 * 1-3 1-5"), ("0 0 * * 1-FRI", "0 0 * * 1-5"),
            ("0 0 * JAN/3 *", "0 0 * 1-10/3 *"),
            // Days of the week.
            ("0 0 * * 7", "0 0 * * 0"), ("0 0 * * 0-7", "0 0 * * 0-6"), ("0 0 * * 5-7", "0 0 * * 0,5,6"),
            ("0 0 * * 7-2", "0 0 * * 0-2"), ("0 0 * * 1/2", "0 0 * * 1-5/2"), ("0 0 * * */2", "0 0 * * */2"),
            // Days that need the calendar.
            ("0 0 L * *", "0 0 L * *"), ("0 0 L-3 * *", "0 0 L-3 * *"), ("0 0 1,15,L * *", "0 0 1,15,L * *"),
            ("0 0 LW * *", "0 0 LW * *"), ("0 0 15W * *", "0 0 15W * *"), ("0 0 * * 5L", "0 0 * * 5L"),
            ("0 0 * * FRI#L,MONL", "0 0 * * 1L,5L"), ("0 0 * * MON#1,3#2", "0 0 * * 1#1,3#2"),
            ("0 0 * * 7#2", "0 0 * * 0#2"), ("0 0 * * 1,5L", "0 0 * * 1,5L"),
            // `?` and `+`.
            ("0 0 ? * MON", "0 0 * * 1"), ("0 0 1 * ?", "0 0 1 * *"), ("0 0 ? * ?", "0 0 * * *"),
            ("0 12 1 * +MON", "0 12 1 * +1"), ("0 12 * * +MON", "0 12 * * 1"), ("0 12 1 * +*", "0 12 1 * *"),
            // Nicknames.
            ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"), ("@monthly", "0 0 1 * *"),
            ("@weekly", "0 0 * * 0"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"),
            ("@hourly", "0 * * * *"), (" @Daily\t", "0 0 * * *"), ("@every 90s", "@every 90s"),
            ("@every 120s", "@every 2m"), ("@every PT5M", "@every 5m"), ("@EVERY 1h30m", "@every 90m"),
            ("@every 1d", "@every 1d"),
        ])
    func normalForm(text: String, normal: String) throws {
        let expression = try CronExpression(parsing: text, seed: "job")
        #expect(expression.description == normal)
        #expect(try CronExpression(parsing: normal, seed: "other") == expression)
    }

    @Test(
        "what H and ~ choose stays in its range, and is the same for the same job",
        arguments: [
            ("H * * * *", 0...59, 60), ("H(10-19) * * * *", 10...19, 10), ("10~19 * * * *", 10...19, 10),
        ])
    func chosen(text: String, range: ClosedRange<Int>, distinct: Int) throws {
        var found: Set<Int> = []
        for number in 0..<600 {
            let normal = try CronExpression(parsing: text, seed: "job-\(number)").description
            #expect(try CronExpression(parsing: text, seed: "job-\(number)").description == normal)
            found.insert(try #require(Int(normal.split(separator: " ")[0])))
        }
        #expect(found.count == distinct)
        #expect(found.allSatisfy(range.contains))
    }

    @Test("H chooses the same numbers in every release")
    func hashesAreStable() throws {
        let hashed = try CronExpression(parsing: "H H H H H", seed: "purge")
        #expect(hashed.description == "10 13 10 4 3")
        #expect(
            try CronExpression(parsing: "H/15 H(0-7)/3 * * *", seed: "purge").description
                == "10-55/15 1-7/3 * * *")
    }

    @Test("a hashed day of the month comes in every month, and a stepped hash keeps its distance")
    func hashedDays() throws {
        for number in 0..<200 {
            let fields = try CronExpression(parsing: "H/20 0 H * *", seed: "job-\(number)").description.split(
                separator: " ")
            #expect((1...28).contains(try #require(Int(fields[2]))))
            let minutes = try NaiveCron(
                CronExpression(parsing: "H/20 0 1 * *", seed: "job-\(number)").description
            ).minutes
            #expect(minutes.count == 3 && minutes.max() == (minutes.min() ?? 0) + 40)
        }
    }

    @Test(
        "parsing the normal form gives the same expression, and its normal form is itself", arguments: 1...4)
    func fixedPoint(seed: Int) throws {
        var expressions = RandomExpressions(seed: seed)
        var count = 0
        for _ in 0..<1500 {
            let near = CivilDateTime(secondsSinceEpoch: Int64(expressions.random.number(0...4_000_000_000)))
            let text = expressions.next(near: near, withSeconds: expressions.random.oneIn(3))
            guard let expression = try? CronExpression(parsing: text, seed: "") else { continue }
            let normal = expression.description
            let again = try CronExpression(parsing: normal, seed: "")
            #expect(again == expression && again.description == normal, "'\(text)' became '\(normal)'")
            count += 1
        }
        #expect(count > 1000)
    }

    @Test("arbitrary text is read or refused, with columns inside of it", arguments: 1...4)
    func arbitraryText(seed: Int) {
        var random = SeededRandom(seed: seed)
        let pieces = [
            "0", "5", "59", "60", "31", "2199", "*", "*/", "/", "-", ",", "?", "L", "W", "#", "+", "H", "H(",
            ")", "~",
            " ", " ", " ", " ", "\t", "@", "@every ", "@daily", "MON", "feb", "–", "٣", "\u{0}", "=", "TZ=",
            "é", "1s",
        ]
        for _ in 0..<25_000 {
            let text = (0..<random.number(0...16)).map { _ in random.pick(pieces) }.joined()
            do {
                _ = try CronExpression(parsing: text, seed: "job")
            } catch {
                let columns = error.columns
                if columns.lowerBound < 0 || columns.upperBound > text.utf8.count || error.message.isEmpty
                    || columns.isEmpty != text.isEmpty
                {
                    Issue.record("seed \(seed): '\(text)' is refused at \(columns): \(error.message)")
                }
            }
        }
    }
}
