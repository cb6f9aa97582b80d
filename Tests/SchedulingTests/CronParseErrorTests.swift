import Scheduling
import Testing

/// What is refused, where the mark stands, and what it says.
@Suite struct CronParseErrorTests {
    struct Refusal: CustomTestStringConvertible {
        let text: String
        let columns: Range<Int>
        let message: String
        let hint: String?

        init(_ text: String, _ columns: Range<Int>, _ message: String, hint: String? = nil) {
            self.text = text
            self.columns = columns
            self.message = message
            self.hint = hint
        }

        var testDescription: String { text }
    }

    static let refusals: [Refusal] = [
        Refusal(
            "", 0..<0, "the expression is empty",
            hint: "five fields: minute hour day month weekday, as 10 0 * * *"),
        Refusal(
            " \t", 0..<2, "the expression is empty",
            hint: "five fields: minute hour day month weekday, as 10 0 * * *"),
        Refusal(
            "*", 0..<1, "1 field instead of 5, 6 or 7",
            hint: "minute hour day month weekday; 6 fields begin with seconds; 7 also end with a year"),
        Refusal(
            "* * * * * * * *", 0..<15, "8 fields instead of 5, 6 or 7",
            hint: "a job's line has the fields first, then the job's name and a colon"),
        Refusal(
            "0,0,1,1,*", 0..<9, "1 field instead of 5, 6 or 7",
            hint: "minute hour day month weekday; 6 fields begin with seconds; 7 also end with a year"),
        Refusal(
            "TZ=UTC 0 0 * * *", 0..<6, "TZ= is not part of the expression",
            hint: "set the zone with CRON_TZ= on a line of its own, or tz= among the job's options"),
        Refusal(
            "CRON_TZ=Europe/Paris 0 0 * * *", 0..<20, "CRON_TZ= is not part of the expression",
            hint: "set the zone with CRON_TZ= on a line of its own, or tz= among the job's options"),
        Refusal(
            "60 0 * * *", 0..<2, "minute 60 is outside 0–59",
            hint: "the full hour is minute 0"),
        Refusal(
            "0 24 * * *", 2..<4, "hour 24 is outside 0–23",
            hint: "midnight is hour 0"),
        Refusal(
            "0 0-24 * * *", 4..<6, "hour 24 is outside 0–23",
            hint: "midnight is hour 0"),
        Refusal(
            "0 0 0 * *", 4..<5, "day of the month 0 is outside 1–31",
            hint: "days begin at 1; the last day of the month is L"),
        Refusal(
            "0 0 32 * *", 4..<6, "day of the month 32 is outside 1–31",
            hint: "the last day of the month is L"),
        Refusal(
            "0 0 * 0 *", 6..<7, "month 0 is outside 1–12",
            hint: "January is 1"),
        Refusal(
            "0 0 * 13 *", 6..<8, "month 13 is outside 1–12"),
        Refusal(
            "0 0 * * 8", 8..<9, "day of the week 8 is outside 0–7",
            hint: "Sunday is 0 or 7, Saturday 6"),
        Refusal(
            "60 0 0 * * *", 0..<2, "second 60 is outside 0–59",
            hint: "the full minute is second 0"),
        Refusal(
            "0 0 0 1 1 * 1969", 12..<16, "year 1969 is outside 1970–2199"),
        Refusal(
            "99999999999999999999 * * * *", 0..<20, "minute 99999999999999999999 is outside 0–59"),
        Refusal(
            "-1 0 * * *", 0..<1, "'-' is not expected here in the minute"),
        Refusal(
            "1, 0 * * *", 1..<2, "an item of the minute list is missing"),
        Refusal(
            "0 ,1 * * *", 2..<3, "an item of the hour list is missing"),
        Refusal(
            "0 1,,2 * * *", 4..<5, "an item of the hour list is missing"),
        Refusal(
            "0 /5 * * *", 2..<3, "'/' is not expected here in the hour"),
        Refusal(
            "0 */ * * *", 3..<4, "the step of the hour is missing after the '/'",
            hint: "as */5, every fifth"),
        Refusal(
            "0 */0 * * *", 4..<5, "a step of 0 in the hour never gets anywhere",
            hint: "a step of 1 takes every number"),
        Refusal(
            "*/-5 0 * * *", 2..<3, "'-' is not expected here in the minute"),
        Refusal(
            "*/99999 0 * * *", 2..<7, "step 99999 of the minute is above 9999"),
        Refusal(
            "*5 0 * * *", 1..<2, "'5' is not expected here in the minute"),
        Refusal(
            "1-2-3 0 * * *", 3..<4, "'-' is not expected here in the minute"),
        Refusal(
            "1-* 0 * * *", 2..<3, "'*' is not expected here in the minute"),
        Refusal(
            "0 1- * * *", 2..<4, "the hour range has no end"),
        Refusal(
            "0 1-,5 * * *", 2..<4, "the hour range has no end"),
        Refusal(
            "5–10 * * * *", 1..<4, "'–' is not expected here in the minute",
            hint: "write a range with the ASCII '-'"),
        Refusal(
            "12:30 * * *", 0..<5, "12:30 is not a field",
            hint: "write the minute and the hour as two fields, as 30 12 for 12:30"),
        Refusal(
            "12:30 0 * * *", 2..<3, "':' is not expected here in the minute",
            hint: "write the minute and the hour as two fields, as 30 12 for 12:30"),
        Refusal(
            "0..30 * * * *", 1..<2, "'.' is not expected here in the minute",
            hint: "write a range with '-', and numbers without a fraction"),
        Refusal(
            "0;30 * * * *", 1..<2, "';' is not expected here in the minute",
            hint: "separate the items of a list with ','"),
        Refusal(
            "0\u{3000}0 * * *", 1..<4, "this blank does not separate fields",
            hint: "separate fields with an ASCII blank or a tab"),
        Refusal(
            "abc 0 * * *", 0..<3, "'abc' is not a number; the minute has no names"),
        Refusal(
            "0 JAN * * *", 2..<5, "'JAN' is not a number; the hour has no names",
            hint: "JAN belongs in the month"),
        Refusal(
            "0 0 * MON *", 6..<9, "'MON' is not a month",
            hint: "MON belongs in the day of the week"),
        Refusal(
            "0 0 * * MONDAY", 8..<14, "'MONDAY' is not a day of the week",
            hint: "did you mean MON?"),
        Refusal(
            "0 0 * * TUS", 8..<11, "'TUS' is not a day of the week",
            hint: "did you mean TUE?"),
        Refusal(
            "0 0 * * THURS", 8..<13, "'THURS' is not a day of the week",
            hint: "did you mean THU?"),
        Refusal(
            "0 0 * janury *", 6..<12, "'janury' is not a month",
            hint: "did you mean JAN?"),
        Refusal(
            "0 0 * * MON1", 11..<12, "'1' is not expected here in the day of the week"),
        Refusal(
            "0 0 * * fril", 8..<12, "'fril' is not a day of the week",
            hint: "write FRIL"),
        Refusal(
            "0 0 l * *", 4..<5, "'l' is not a number; the day of the month has no names",
            hint: "write L"),
        Refusal(
            "h * * * *", 0..<1, "'h' is not a number; the minute has no names",
            hint: "write H"),
        Refusal(
            "0 0 0W * *", 4..<5, "day of the month 0 is outside 1–31",
            hint: "days begin at 1; the last day of the month is L"),
        Refusal(
            "0 0 W * *", 4..<5, "'W' does not say which day it is nearest to",
            hint: "15W is the weekday nearest to the 15th, LW the month's last weekday"),
        Refusal(
            "0 0 WW * *", 4..<6, "'WW' is not a number; the day of the month has no names"),
        Refusal(
            "0 0 1-5W * *", 4..<8, "'W' cannot modify a range of the day of the month",
            hint: "W goes with one day, as 15W"),
        Refusal(
            "0 0 1W,15W * *", 4..<6, "'1W' must stand alone in the day of the month",
            hint: "give the other days a job of their own"),
        Refusal(
            "0 0 1,LW * *", 6..<8, "'LW' must stand alone in the day of the month",
            hint: "give the other days a job of their own"),
        Refusal(
            "0 0 15w * *", 6..<7, "'w' is not expected here in the day of the month",
            hint: "write W"),
        Refusal(
            "0 0 L5 * *", 5..<6, "'5' is not expected here in the day of the month"),
        Refusal(
            "0 0 L-31 * *", 6..<8, "L-31 is outside L-1 to L-30",
            hint: "L is the last day, L-1 the day before it"),
        Refusal(
            "0 0 L- * *", 4..<6, "the day of the month range has no end"),
        Refusal(
            "0 0 L-3-5 * *", 7..<8, "'-' is not expected here in the day of the month"),
        Refusal(
            "0 0 L/2 * *", 5..<6, "'/' is not expected here in the day of the month"),
        Refusal(
            "0 0 * * L", 8..<9, "'L' alone does not say which last day of the week",
            hint: "5L is the last Friday; 6 is every Saturday"),
        Refusal(
            "0 0 * * 1-5L", 8..<12, "'L' cannot modify a range of the day of the week",
            hint: "write the days one by one, as 1L,2L"),
        Refusal(
            "0 0 * * 15W", 8..<10, "day of the week 15 is outside 0–7",
            hint: "Sunday is 0 or 7, Saturday 6"),
        Refusal(
            "0 0 * * MON#", 11..<12, "'#' needs a number from 1 to 5 or L after it",
            hint: "1#2 is the second Monday, 1#L the last"),
        Refusal(
            "0 0 * * MON#6", 12..<13, "a month has no weekday number 6",
            hint: "1#2 is the second Monday, 1#L the last"),
        Refusal(
            "0 0 * * 1#1#1", 11..<12, "'#' is not expected here in the day of the week"),
        Refusal(
            "0 0 * * 1-5#2", 8..<13, "'#' cannot modify a range of the day of the week",
            hint: "write the days one by one, as 1L,2L"),
        Refusal(
            "L 0 * * *", 0..<1, "'L' has no meaning here in the minute",
            hint: "L, W and LW belong in the day of the month, L after a number also into the day of the week"
        ),
        Refusal(
            "1#1 * * * *", 1..<2, "'#' is not expected here in the minute"),
        Refusal(
            "? 0 * * *", 0..<1, "'?' has no meaning here in the minute",
            hint: "'?' stands for '*' in the two day fields"),
        Refusal(
            "0 0 1,? * *", 6..<7, "'?' must stand alone in the day of the month",
            hint: "'?' means the same as '*': write the list alone"),
        Refusal(
            "0 0 ?,1 * *", 4..<7, "'?' must stand alone in the day of the month",
            hint: "'?' means the same as '*': write the list alone"),
        Refusal(
            "0 0 0 1 1 * ?", 12..<13, "'?' has no meaning here in the year",
            hint: "'?' stands for '*' in the two day fields"),
        Refusal(
            "+1 * * * *", 0..<1, "'+' has no meaning here in the minute",
            hint:
                "'+' comes once, before the whole day of the week field, and asks for both day fields to match"
        ),
        Refusal(
            "* * 1 * ++1", 9..<10, "'+' has no meaning here in the day of the week",
            hint:
                "'+' comes once, before the whole day of the week field, and asks for both day fields to match"
        ),
        Refusal(
            "* * 1 * +", 8..<9, "an item of the day of the week list is missing"),
        Refusal(
            "~ * * * *", 0..<1, "'~' needs the minute range it chooses from",
            hint: "write 0~59, or H"),
        Refusal(
            "0 0 * * ~3", 8..<9, "'~' needs the day of the week range it chooses from",
            hint: "write 0~6, or H"),
        Refusal(
            "50~10 * * * *", 0..<5, "the minute range 50~10 ends before it starts",
            hint: "write the smaller number of 50~10 first"),
        Refusal(
            "H(50-10) * * * *", 2..<7, "the minute range 50-10 ends before it starts",
            hint: "write the smaller number of 50-10 first"),
        Refusal(
            "H(10) * * * *", 4..<5, "')' is not expected here in the minute"),
        Refusal(
            "H(10-60) * * * *", 5..<7, "minute 60 is outside 0–59",
            hint: "the full hour is minute 0"),
        Refusal(
            "0 0 0 1 1 * H", 12..<13, "'H' has no meaning here in the year",
            hint: "the year cannot be chosen by hash"),
        Refusal(
            "0 0 0 1 1 * 2030-2026", 12..<21, "the year range 2030-2026 ends before it starts",
            hint: "write the earlier year first"),
        Refusal(
            "@dailyx", 0..<7, "@dailyx is not a nickname",
            hint: "there are @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly and @every"),
        Refusal(
            "@minutely", 0..<9, "@minutely is not a nickname",
            hint: "write * * * * *"),
        Refusal(
            "@reboot", 0..<7, "@reboot is not a time",
            hint: "schedules know the clock only; let a systemd unit start what belongs to the boot"),
        Refusal(
            "@daily 5", 7..<8, "nothing may follow @daily"),
        Refusal(
            "@every", 0..<6, "@every needs an interval",
            hint: "as @every 90s, @every 10m or @every PT5M"),
        Refusal(
            "@every soon", 7..<11, "soon is not an interval: a number is missing in the duration",
            hint: "write 90s, 10m, 2h, 1d or the ISO 8601 form, as PT5M"),
        Refusal(
            "@every 5", 7..<8, "5 is not an interval: the duration has a number without a unit",
            hint: "the units are s, m, h, d and w, as in 90s, 10m or 1h30m"),
        Refusal(
            "@every 1s 2s", 10..<12, "nothing may follow @every and its interval"),
        Refusal(
            "@every 0s", 7..<9, "the interval 0s is not a whole number of seconds from 1 s to 366 days",
            hint: "rarer or finer schedules need another form"),
        Refusal(
            "@every 1.5s", 7..<11, "the interval 1.5s is not a whole number of seconds from 1 s to 366 days",
            hint: "rarer or finer schedules need another form"),
        Refusal(
            "@every 400d", 7..<11, "the interval 400d is not a whole number of seconds from 1 s to 366 days",
            hint: "rarer or finer schedules need another form"),
        Refusal(
            "0 0 30 2 *", 4..<8, "no date from 1970 to 2199 matches",
            hint: "no month has such a day in these years; February has 29 days in leap years only"),
        Refusal(
            "0 0 31 2,4,6,9,11 *", 4..<17, "no date from 1970 to 2199 matches",
            hint: "no month has such a day in these years; February has 29 days in leap years only"),
        Refusal(
            "0 0 0 29 2 * 2027", 6..<17, "no date from 1970 to 2199 matches",
            hint: "no month has such a day in these years; February has 29 days in leap years only"),
        Refusal(
            "0 0 L-30 2 *", 4..<10, "no date from 1970 to 2199 matches",
            hint: "no month has such a day in these years; February has 29 days in leap years only"),
        Refusal(
            "0 0 1 * +1#2", 4..<12, "no date from 1970 to 2199 matches",
            hint: "no month has such a day in these years; February has 29 days in leap years only"),
    ]

    @Test("a fault is marked and explained", arguments: refusals)
    func refusal(_ expected: Refusal) {
        #expect {
            try CronExpression(parsing: expected.text, seed: "job")
        } throws: { error in
            guard let error = error as? CronParseError else { return false }
            #expect(error.columns == expected.columns)
            #expect(error.message == expected.message)
            #expect(error.hint == expected.hint)
            return true
        }
    }
}
