import ArgumentParser
import CivilTime
import Operations
import RunEngine
import RunModel

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Prove that everything that was due was recorded, once.",
        discussion: """
            Computes every occurrence that was due, from the definitions that were in force then, and compares them \
            with the records. What is wrong is listed: missing (no row), extra (a row for what was not due), duplicated \
            (two rows), late and early (a start without a reason), not_ended (nobody answers for it any more), unproven \
            (what was due cannot be computed). Exits with 0 when there is nothing to list, else with 1.
            """)

    @Option(help: "Only what was due from this instant on, like 2026-11-01T00:00:00Z.")
    var from: String?

    @Option(help: "Only what was due before this instant.")
    var until: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(console: Console.errors)
            let times = try output.times(session)
            let bounds = try session.bounds((from, "--from"), (until, "--until"), in: times.zone)
            let report = try await session.audit(from: bounds.first, until: bounds.second)
            if output.isJSON {
                Console.write(report.json(times))
            } else {
                if !report.isClean {
                    let table = Self.table(report, times)
                    Console.write(table, colour: output.usesColour, width: output.width)
                }
                Console.write(closing(report, times))
            }
            return report.isClean ? .done : .failed
        }
    }

    private static func table(_ report: AuditReport, _ times: TimeText) -> Table {
        var table = Table(
            ["JOB", "FINDING", "SCHEDULED FOR", "COUNT", "RUN", "DETAIL"],
            flexible: [.init(column: 5, widthMin: 24)])
        for finding in report.jobs.flatMap(\.findings) {
            let span =
                finding.first == finding.last
                ? times.exact(finding.first) : "\(times.exact(finding.first)) to \(times.exact(finding.last))"
            table.add([
                finding.job.description, finding.kind.rawValue, span,
                finding.count == 0 ? "-" : String(finding.count),
                finding.run.map { String($0.description.prefix(8)) } ?? "-", finding.detail,
            ])
        }
        return table
    }

    private func closing(_ report: AuditReport, _ times: TimeText) -> String {
        guard let start = report.from, start < report.through else {
            return from == nil && until == nil
                ? "nothing was due yet: no definition of a job is old enough"
                : "nothing should have been recorded in that period: no job was defined, or it lies in the future"
        }
        let occurrences = report.jobs.map(\.occurrences).reduce(0, +)
        let what = Self.count(occurrences, "occurrence") + " of " + Self.count(report.jobs.count, "job")
        let span = "from \(times.text(start)) to \(times.text(report.through))"
        var notes: [String] = []
        let excused = report.jobs.map(\.excused).reduce(0, +)
        if excused > 0 {
            notes.append(
                "\n\(Self.count(excused, "occurrence")) of a definition that was replaced while no daemon was running "
                    + "\(excused == 1 ? "has" : "have") no row")
        }
        let backfilled = report.jobs.map(\.backfilled).reduce(0, +)
        if backfilled > 0 {
            notes.append(
                "\n\(Self.count(backfilled, "occurrence")) backfilled, beside \(backfilled == 1 ? "its row" : "their rows")"
            )
        }
        let leftOut = report.jobs.map(\.findingsLeftOut).reduce(0, +)
        if leftOut > 0 { notes.append("\n\(Self.count(leftOut, "more finding")) not listed") }
        if report.isClean { return "\(what) \(span): every one has its row" + notes.joined() }
        let kinds = AuditFinding.Kind.allCases.compactMap { kind -> String? in
            let found = report.jobs.flatMap(\.findings).filter { $0.kind == kind }
            guard !found.isEmpty else { return nil }
            return "\(max(found.map(\.count).reduce(0, +), found.count).grouped) \(kind.rawValue)"
        }
        return "\(what) \(span) have their row; \(kinds.joined(separator: ", "))" + notes.joined()
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number.grouped) \(noun)\(number == 1 ? "" : "s")"
    }
}

extension Int {
    /// The number with its thousands apart: `1,440`.
    var grouped: String {
        var text = ""
        for (index, digit) in String(magnitude).reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return (self < 0 ? "-" : "") + String(text.reversed())
    }
}
