import CivilTime
import Testing

@Suite("days of the calendar")
struct CivilDateTests {
    @Test(
        "each day of 400 years follows the one before, in date, number and weekday",
        arguments: [-400, 0, 1600, 2000])
    func cycle(firstYear: Int) throws {
        var number = try #require(CivilDate(year: firstYear, month: 1, day: 1)).dayNumber
        let first = number
        var faults = 0
        var weekday = CivilDate(dayNumber: number).weekday.rawValue
        for year in firstYear..<firstYear + 400 {
            let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
            for (index, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated()
            {
                for day in 1...length {
                    let date = CivilDate(uncheckedYear: year, month: index + 1, day: day)
                    let isRight =
                        date.dayNumber == number && CivilDate(dayNumber: number) == date
                        && date.weekday.rawValue == weekday && date.daysInMonth == length
                        && date.isLeapYear == isLeap
                    if !isRight { faults += 1 }
                    number += 1
                    weekday = (weekday + 1) % 7
                }
            }
        }
        #expect(faults == 0)
        #expect(number - first == 146_097)
    }

    @Test("known days have their known numbers and weekdays")
    func known() throws {
        for (year, month, day, number, weekday) in [
            (1970, 1, 1, 0, Weekday.thursday), (1969, 12, 31, -1, .wednesday),
            (2000, 2, 29, 11_016, .tuesday),
            (0, 1, 1, -719_528, .saturday), (9999, 12, 31, 2_932_896, .friday),
            (2026, 3, 29, 20_541, .sunday),
        ] {
            let date = try #require(CivilDate(year: year, month: month, day: day))
            #expect(date.dayNumber == number)
            #expect(date.weekday == weekday)
        }
    }

    @Test("the ends of the years there are")
    func extremes() throws {
        for (year, month, day) in [(-300_000, 1, 1), (300_000, 12, 31)] {
            let date = try #require(CivilDate(year: year, month: month, day: day))
            #expect(CivilDate(dayNumber: date.dayNumber) == date)
        }
        #expect(CivilDate(year: 300_001, month: 1, day: 1) == nil)
        #expect(CivilDateTime(secondsSinceEpoch: Instant.latest.seconds).date.year == 294_247)
        #expect(CivilDateTime(secondsSinceEpoch: Instant.earliest.seconds).date.year == -290_308)
    }

    @Test(
        "days that do not exist are refused",
        arguments: [
            (2026, 2, 29), (2100, 2, 29), (2026, 4, 31), (2026, 0, 1), (2026, 13, 1), (2026, 1, 0),
            (2026, 1, 32),
        ])
    func refuses(year: Int, month: Int, day: Int) {
        #expect(CivilDate(year: year, month: month, day: day) == nil)
    }

    @Test("a date and time is ordered, written and counted as a clock shows it")
    func dateTime() throws {
        let date = try #require(CivilDate(year: 2026, month: 3, day: 29))
        let early = try #require(CivilDateTime(date, hour: 0, minute: 10))
        let late = try #require(CivilDateTime(date, hour: 23, minute: 59, second: 59))
        let next = try #require(CivilDateTime(CivilDate(dayNumber: date.dayNumber + 1), hour: 0, minute: 0))
        #expect(early < late && late < next && !(next < early))
        #expect(early.description == "2026-03-29T00:10:00")
        #expect(early.secondsSinceEpoch == 1_774_743_000)
        #expect(late.secondsSinceEpoch + 1 == next.secondsSinceEpoch)
        #expect(CivilDateTime(secondsSinceEpoch: -1).description == "1969-12-31T23:59:59")
        #expect((late.hour, late.minute, late.second) == (23, 59, 59))
        #expect(CivilDateTime(date, hour: 24, minute: 0) == nil)
        #expect(CivilDateTime(date, hour: 0, minute: 60) == nil)
        #expect(CivilDateTime(date, hour: 0, minute: 0, second: 60) == nil)
    }

    @Test("years outside of 0 to 9999 are written with a sign")
    func farYears() throws {
        #expect(try #require(CivilDate(year: 12_345, month: 1, day: 2)).description == "+12345-01-02")
        #expect(try #require(CivilDate(year: -7, month: 1, day: 2)).description == "-0007-01-02")
    }
}
