import ArgumentParser
import CivilTime
import JobCatalog
import Operations
import RunModel
import Scheduling

struct NextCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next", abstract: "Print the next occurrences of a job or of an expression.",
        discussion: """
            One RFC 3339 instant a line, with the offset of the zone; an occurrence that a change of the clocks moved \
            is marked. A schedule that is over prints a warning and no line. Needs no configuration and no store.

              almanac next '30 2 * * *' --time-zone America/New_York --count 3
            """)

    @Argument(help: "The name of a job, or a schedule like '10 0 * * *'.", completion: JobNames.completion)
    var jobOrExpression: String

    @Option(help: "The zone of the expression, like Europe/Berlin; for a job, the zone to print times in.")
    var timeZone: String?

    @Option(help: "Print occurrences after this instant, like 2026-03-07T12:00:00-05:00; now when left out.")
    var after: String?

    @Option(help: "How many occurrences to print, 1 to 10000.")
    var count = 1

    @OptionGroup var output: FormOptions

    /// The most occurrences of one call.
    private static let countMax = 10_000

    func validate() throws {
        guard 1...Self.countMax ~= count else {
            throw ValidationError("--count must be from 1 to \(Self.countMax)")
        }
    }

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(.files, console: Console.errors)
            let zone = try timeZone.map { try session.zone($0) }
            let start =
                try after.map { try session.instant($0, option: "--after", in: zone ?? .utc) }
                ?? session.now()
            let schedule = try schedule(session, zone)
            let occurrences = schedule.occurrences(
                after: start, through: Instant(microseconds: .max), limit: count)
            let shownZone = zone ?? schedule.zone
            if output.isJSON {
                Console.write(
                    schedule.document(occurrences, after: start, TimeText(zone: shownZone)))
            } else {
                for warning in schedule.warnings(from: start) {
                    Console.error("warning: \(warning.message) [\(warning.code.rawValue)]")
                }
                for occurrence in occurrences { Console.write(line(occurrence, shownZone)) }
            }
            if occurrences.isEmpty { try explainNone(schedule, after: start) }
            return .done
        }
    }

    /// Says why there is no occurrence. A schedule that is over is a fact about the time, not a fault of the schedule.
    private func explainNone(_ schedule: Schedule, after start: Instant) throws(CommandError) {
        switch schedule.outlook(after: start) {
        case .over(let last):
            Console.error(
                "warning: the schedule is over"
                    + (last.map { ": its last occurrence was at \($0.instant)" } ?? "") + " [over]")
        case .open:
            throw CommandError(
                .badInput, "the next occurrence cannot be predicted: \(schedule.words)",
                hint: "`almanac history` shows when it ran")
        case .never:
            throw CommandError(
                .badInput, "the schedule is never due: clocks in \(schedule.zone.name) skip its only times",
                hint: "correct the time, or name another zone with --time-zone")
        }
    }

    private func schedule(_ session: Session, _ zone: Zone?) throws(CommandError) -> Schedule {
        if JobName(jobOrExpression) != nil {
            let job = try session.jobOfReadableFiles(
                jobOrExpression,
                otherwise:
                    "name one of `almanac jobs`, or write an expression with five fields, like '10 0 * * *'")
            guard let schedule = job.schedule else {
                throw CommandError(
                    .badInput, "the job “\(job.name)” has no schedule", hint: "it runs by hand")
            }
            if !job.isEnabled {
                Console.error("warning: \(job.name) is disabled (enabled=no): it would be due then")
            }
            return schedule
        }
        do {
            let expression = try CronExpression(parsing: jobOrExpression, seed: "")
            return Schedule(.cron(expression), zone: zone ?? .utc, key: "")
        } catch {
            throw CommandError(
                .badInput,
                error.message + "\n  \(jobOrExpression)\n  "
                    + Marker.caret(under: error.columns, of: jobOrExpression), hint: error.hint)
        }
    }

    private func line(_ occurrence: Occurrence, _ zone: Zone) -> String {
        let text = occurrence.instant.rfc3339(offset: zone.offset(at: occurrence.instant))
        return occurrence.mark.map { "\(text)  \($0)" } ?? text
    }
}

extension Occurrence {
    /// What a change of the clocks did to it, for people; nil when nothing.
    fileprivate var mark: String? {
        switch adjustment {
        case .none: nil
        case .movedOutOfGap: "moved: \(local) does not exist"
        case .firstOfTwo: "first of two: \(local) happens twice"
        case .secondOfTwo: "second of two: \(local) happens twice"
        }
    }
}
