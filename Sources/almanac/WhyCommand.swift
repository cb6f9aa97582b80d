import ArgumentParser
import CivilTime
import JobCatalog
import Operations
import Records
import RunEngine
import RunModel
import Scheduling

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Say whether a job ran when it was due, and if not, why.",
        discussion: """
            It is the occurrence at --at, or the last one before; without --at, the last that was due. Exits with 1 \
            when it was due and nobody has recorded it.

              almanac why purge --at 2026-11-23T00:10:00Z
            """)

    @Argument(help: "The name of the job.", completion: JobNames.completion)
    var job: String

    @Option(help: "The instant, like 2026-11-23T00:10:00Z; now when left out.")
    var at: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(console: Console.errors)
            let times = try output.times(session)
            let asked = try at.map { try session.instant($0, option: "--at", in: times.zone) }
            let reasons = try await session.why(job, at: asked)
            if output.isJSON {
                Console.write(reasons.json(times))
            } else {
                Console.write(Self.text(reasons, times, width: output.width))
            }
            return reasons.verdict.isWrong ? .failed : .done
        }
    }

    private static func text(_ reasons: Reasons, _ times: TimeText, width terminal: Int?) -> String {
        let due = reasons.scheduledFor.map { ", due at \(times.exact($0))" } ?? ""
        var lines = ["\(reasons.job)\(due): \(reasons.summary)"]
        if let aside = reasons.aside { lines.append("  (\(aside))") }
        lines.append("")
        var facts: [(String, String)] = reasons.rules.map { ("rule", "\($0.name): \($0.sentence)") }
        if let local = reasons.local { facts.append(("local time", local)) }
        for attempt in reasons.attempts where reasons.attempts.count > 1 || attempt.reason != nil {
            facts.append(("attempt \(attempt.number)", Self.text(attempt, times)))
        }
        if let row = reasons.row {
            facts.append(("run", "\(row.id), on \(row.host)"))
        }
        if let backfill = reasons.backfill {
            let end = backfill.finishedAt.map { " at \(times.text($0))" } ?? ""
            facts.append(("backfill", "\(backfill.outcomeText)\(end), run \(backfill.id)"))
        }
        if let definition = reasons.definition {
            facts.append(("definition", text(definition, zoneData: reasons.zoneData, times)))
            if let note = definition.zoneNote { facts.append(("zone data", note)) }
        }
        for event in reasons.events {
            facts.append(("meanwhile", "\(times.text(event.at)) \(event.kind.rawValue): \(event.detail)"))
        }
        if let following = reasons.following { facts.append(("next", times.text(following))) }
        if reasons.isOver { facts.append(("next", "none: the schedule is over")) }
        let width = facts.map(\.0.count).max() ?? 0
        let indent = String(repeating: " ", count: width + 4)
        lines += facts.map { name, value in
            let room = terminal.map { max($0 - indent.count, 20) }
            let parts = room.map { Table.wrapped(value, $0) } ?? [value]
            return "  " + name + String(repeating: " ", count: width - name.count + 2)
                + parts.joined(separator: "\n" + indent)
        }
        if let terminal { lines[0] = Table.wrapped(lines[0], terminal).joined(separator: "\n") }
        return lines.joined(separator: "\n")
    }

    private static func text(_ attempt: AttemptRecord, _ times: TimeText) -> String {
        var text = "at \(times.text(attempt.startedAt))"
        if let finishedAt = attempt.finishedAt {
            text += ", \(ElapsedText.of(finishedAt - attempt.startedAt))"
        } else {
            text += ", no end was recorded"
        }
        if let status = attempt.httpStatus { text += ", HTTP \(status)" }
        if let detail = attempt.detail { text += ": \(detail)" }
        return text
    }

    private static func text(
        _ definition: Reasons.Definition, zoneData: String?, _ times: TimeText
    ) -> String {
        "\(definition.words), in force since \(times.text(definition.since))"
            + (definition.configHash.map { " (\($0.prefix(12)))" } ?? "")
            + (zoneData.map { ", zone data \($0)" } ?? "")
    }
}
