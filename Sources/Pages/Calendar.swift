package import CivilTime
package import JobCatalog
import Scheduling

/// What comes, as a calendar that others subscribe to (RFC 5545).
///
/// A job that is due often would fill it: it gets one note a day in place of its occurrences.
package enum Calendar {
    /// A job that is due more often on a day is a note.
    package static let dailyMax = 4
    /// How far it goes.
    package static let horizon: Duration = .seconds(31 * 86_400)
    /// The most jobs and entries; the document stays below 200 KiB.
    package static let jobsMax = 200
    private static let entriesMax = 600

    /// The calendar of these jobs, of the first `jobsMax` of them.
    package static func document(_ jobs: [Job], now: Instant) -> [UInt8] {
        // The same for an hour: who subscribes asks often, and gets nothing new.
        let start = Instant(seconds: now.seconds / 3600 * 3600)
        var lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//almanac//EN", "CALSCALE:GREGORIAN",
            "X-WR-CALNAME:Almanac",
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        ]
        var entries = 0
        for job in jobs.prefix(jobsMax) where job.isEnabled {
            guard entries < entriesMax, let schedule = job.schedule else { continue }
            let most = dailyMax * 32
            let occurrences = schedule.occurrences(after: start, through: start + horizon, limit: most + 1)
                .map(\.instant)
            if isFrequent(occurrences, most) {
                lines += note(job, schedule, start)
                entries += 1
                continue
            }
            for instant in occurrences.prefix(entriesMax - entries) {
                lines += entry(job, schedule, instant, start)
                entries += 1
            }
        }
        if entries >= entriesMax || jobs.count > jobsMax {
            lines.insert(
                "X-WR-CALDESC:"
                    + escaped("not all jobs: the first \(entriesMax) entries of the first \(jobsMax) jobs"),
                at: 5)
        }
        lines.append("END:VCALENDAR")
        return lines.flatMap(folded)
    }

    private static func isFrequent(_ occurrences: [Instant], _ most: Int) -> Bool {
        if occurrences.count > most { return true }
        // One more than a day may have, within less than a day.
        return zip(occurrences, occurrences.dropFirst(dailyMax)).contains { $1 - $0 < .seconds(86_400) }
    }

    private static func entry(_ job: Job, _ schedule: Schedule, _ instant: Instant, _ stamp: Instant)
        -> [String]
    {
        [
            "BEGIN:VEVENT", "UID:\(job.name)-\(instant.seconds)@almanac", "DTSTAMP:\(text(stamp))",
            "DTSTART:\(text(instant))", "SUMMARY:\(job.name)",
            "DESCRIPTION:" + escaped(schedule.words), "TRANSP:TRANSPARENT", "END:VEVENT",
        ]
    }

    private static func note(_ job: Job, _ schedule: Schedule, _ start: Instant) -> [String] {
        [
            "BEGIN:VEVENT", "UID:\(job.name)@almanac", "DTSTAMP:\(text(start))",
            "DTSTART;VALUE=DATE:\(text(start).prefix(8))", "RRULE:FREQ=DAILY;COUNT=31",
            "SUMMARY:" + escaped("\(job.name): \(schedule.words)"),
            "DESCRIPTION:"
                + escaped("due more than \(dailyMax) times a day, so its occurrences are not entries"),
            "TRANSP:TRANSPARENT", "END:VEVENT",
        ]
    }

    /// An instant of UTC as `20261130T001000Z`.
    private static func text(_ instant: Instant) -> String {
        String(Instant(seconds: instant.seconds).rfc3339.filter { $0 != "-" && $0 != ":" })
    }

    /// Text as a value has it (RFC 5545, 3.3.11).
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\", ";", ",": result += "\\" + String(character)
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
        return result
    }

    /// A line with its end, in parts of at most 75 bytes, each of whole characters (RFC 5545, 3.1).
    private static func folded(_ line: String) -> [UInt8] {
        var (bytes, length) = ([UInt8](), 0)
        for scalar in line.unicodeScalars {
            let encoded = UTF8.encode(scalar).map(Array.init) ?? []
            if length + encoded.count > 75 {
                bytes += [0x0d, 0x0a, 0x20]
                length = 1
            }
            bytes += encoded
            length += encoded.count
        }
        return bytes + [0x0d, 0x0a]
    }
}
