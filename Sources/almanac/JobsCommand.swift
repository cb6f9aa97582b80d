import ArgumentParser
import CivilTime
import Operations
import Records
import RunEngine
import RunModel

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List the jobs: schedule, next occurrence, last outcome, who paused them; and the hosts.")

    @Option(help: "The most jobs to list, 1 to 10000.")
    var limit = 1000

    @Option(help: "Only jobs whose names follow this one: the next page of a long list.")
    var after: String?

    @OptionGroup var output: OutputOptions

    @OptionGroup var watching: WatchOptions

    /// The most jobs of one call.
    private static let limitMax = 10_000

    func validate() throws {
        guard 1...Self.limitMax ~= limit else {
            throw ValidationError("--limit must be from 1 to \(Self.limitMax)")
        }
        guard after.map({ JobName($0) != nil }) ?? true else {
            throw ValidationError("--after must be the name of a job")
        }
    }

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(.files, console: Console.errors)
            let times = try output.times(session)
            let records = try await session.recordsOfJobs()
            func listing() async throws(CommandError) -> JobListing {
                try await session.jobs(after: after.flatMap { JobName($0) }, limit: limit, records)
            }
            if watching.watch {
                try await Watch.run { () throws(CommandError) in text(try await listing(), times) }
                return .done
            }
            let found = try await listing()
            if output.isJSON {
                Console.write(found.json(times))
            } else {
                Console.write(tables: text(found, times))
            }
            if let next = found.next {
                let count = found.count.map { "\(found.lines.count) of \($0)" } ?? "\(found.lines.count)"
                Console.error("\(count) jobs; the next: almanac jobs --after \(next)")
            }
            if let idle = session.idleService { Console.error("warning: \(idle)") }
            if case .failure(let reason) = records {
                Console.error(
                    "no store was asked: \(reason.message)" + (reason.hint.map { "\nhint: \($0)" } ?? ""))
            }
            return .done
        }
    }

    private func text(_ listing: JobListing, _ times: TimeText) -> String {
        let jobs = Self.table(listing, times).text(colour: output.usesColour, width: output.width)
        // Before its first daemon a store knows no host.
        guard !listing.hosts.isEmpty else { return jobs }
        return jobs + "\n\n"
            + HostSighting.table(listing.hosts, times).text(colour: output.usesColour, width: output.width)
    }

    /// LEFT and RESULT stay in the narrowest terminal, with what is wrong; the rest goes.
    private static func table(_ listing: JobListing, _ times: TimeText) -> Table {
        var table = Table(
            ["JOB", "SCHEDULE", "NEXT", "LEFT", "RESULT", "LAST RUN", "BY HOST", "PAUSED", "STATUS"],
            flexible: [
                .init(column: 8, widthMin: 12), .init(column: 7, widthMin: 12),
                .init(column: 1, widthMin: 22),
            ], optional: [6, 5, 1, 2])
        let now = listing.now
        for line in listing.lines {
            let last = line.lastRun
            table.add([
                line.job.description, line.isEnabled ? line.words ?? "by hand" : "disabled",
                line.isOver ? "over" : times.text(line.next),
                line.isOver ? "over" : line.next.map { TimeText.rough($0 - now) } ?? "-",
                last.map { run in
                    run.outcomeText + (run.finishedAt.map { " \(TimeText.rough(now - $0)) ago" } ?? "")
                } ?? "-",
                times.text(last?.finishedAt), last?.host.description ?? "-",
                line.pause.map { times.terms(of: $0) } ?? "-",
                listing.hasRecords ? line.level.rawValue + (line.remark.map { ": " + $0 } ?? "") : "-",
            ])
        }
        return table
    }
}

extension JobLine {
    /// What is to be said beside the columns.
    fileprivate var remark: String? { pause == nil || !isEnabled ? detail : beforePause }
}
