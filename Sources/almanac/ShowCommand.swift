import ArgumentParser
import CivilTime
import Operations
import RunModel

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one run: attempts, answers, decisions.")

    @Argument(help: "The run, or the beginning of its identity, as `almanac history` prints it.")
    var run: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(console: Console.errors)
            let times = try output.times(session)
            let id = try await session.runID(run)
            let (record, attempts) = try await session.run(id)
            if output.isJSON {
                Console.write(record.json(times, attempts: attempts))
            } else {
                Console.write(Self.text(record, attempts, times, width: output.width))
            }
            return .done
        }
    }

    private static func text(
        _ run: RunRecord, _ attempts: [AttemptRecord], _ times: TimeText, width: Int?
    ) -> String {
        var lines: [(String, String)] = [
            ("run", run.id.description), ("job", run.job.description),
            ("trigger", run.triggerText + (run.isDryRun ? " (dry run)" : "")),
        ]
        func add(_ name: String, _ text: String?) {
            if let text { lines.append((name, text)) }
        }
        add("backfill of", run.backfillOf.map { times.text($0) })
        add("scheduled for", run.scheduledFor.map { times.text($0) })
        add("until", run.scheduledUntil.map { times.text($0) + ", \(run.occurrences) occurrences" })
        add("local time", run.nominalLocal)
        add("asked for by", run.requestedBy)
        add("started", run.startedAt.map { times.text($0) })
        add("finished", run.finishedAt.map { times.text($0) })
        add("outcome", run.outcomeText)
        add("reason", run.reason?.rawValue)
        add("detail", run.detail)
        add("HTTP status", run.httpStatus.map(String.init))
        add("answer", run.responseExcerpt.flatMap { $0.isEmpty ? nil : $0 })
        add("retry at", run.retryAt.map { times.text($0) })
        add("host", run.host.description)
        add("definition", String(run.configHash.prefix(12)))
        add("zone data", run.zoneData)
        let nameWidth = lines.map(\.0.count).max() ?? 0
        var text = lines.map { name, value in
            name + String(repeating: " ", count: nameWidth - name.count + 2)
                + value.split(separator: "\n", omittingEmptySubsequences: false)
                .joined(separator: "\n" + String(repeating: " ", count: nameWidth + 2))
        }.joined(separator: "\n")
        if !attempts.isEmpty {
            var table = Table(
                ["ATTEMPT", "STARTED", "TOOK", "HTTP", "REASON"], flexible: [.init(column: 4, widthMin: 24)])
            for attempt in attempts {
                let reason = [attempt.reason?.rawValue, attempt.detail].compactMap(\.self).joined(
                    separator: ": ")
                table.add([
                    String(attempt.number), times.text(attempt.startedAt),
                    attempt.finishedAt.map { ElapsedText.of($0 - attempt.startedAt) } ?? "-",
                    attempt.httpStatus.map(String.init) ?? "-", reason.isEmpty ? "-" : reason,
                ])
            }
            text += "\n\n" + table.text(colour: false, width: width)
        }
        return text
    }
}
