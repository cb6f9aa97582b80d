import ArgumentParser
import CivilTime
import Host
import Operations

/// How facts are printed.
enum OutputForm: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
}

/// The option of every command that prints facts.
struct FormOptions: ParsableArguments {
    @Option(help: "table or json.")
    var output: OutputForm = .table

    var isJSON: Bool { output == .json }

    /// Whether tables have colour: on a terminal only, and never with NO_COLOR (https://no-color.org).
    var usesColour: Bool {
        ProcessInformation.isTerminal(1) && (ProcessInformation.environment()["NO_COLOR"] ?? "").isEmpty
    }

    /// The width that lines should fit: on a terminal $COLUMNS, else what the terminal says; nil elsewhere.
    var width: Int? {
        guard ProcessInformation.isTerminal(1) else { return nil }
        return ProcessInformation.environment()["COLUMNS"].flatMap { Int($0) }
            ?? ProcessInformation.terminalWidth(1) ?? 80
    }
}

/// The options of the commands that print times as well.
struct OutputOptions: ParsableArguments {
    @OptionGroup var form: FormOptions

    @Option(help: "The zone to print times in, like Europe/Berlin; UTC when left out.")
    var timeZone: String?

    var isJSON: Bool { form.isJSON }
    var usesColour: Bool { form.usesColour }
    var width: Int? { form.width }

    /// How times are printed.
    func times(_ session: Session) throws(CommandError) -> TimeText {
        guard let timeZone else { return TimeText(zone: .utc) }
        return TimeText(zone: try session.zone(timeZone))
    }
}

extension Session {
    /// The bounds of a time, each the value of an option; the first must be before the second.
    func bounds(
        _ first: (text: String?, option: String), _ second: (text: String?, option: String), in zone: Zone
    ) throws(CommandError) -> (first: Instant?, second: Instant?) {
        let bounds = (
            first: try first.text.map { text throws(CommandError) in
                try instant(text, option: first.option, in: zone)
            },
            second: try second.text.map { text throws(CommandError) in
                try instant(text, option: second.option, in: zone)
            }
        )
        if let start = bounds.first, let end = bounds.second, start >= end {
            throw CommandError(
                .usage, "\(first.option) \(start) is not before \(second.option) \(end)",
                hint: "were the two exchanged?")
        }
        return bounds
    }
}
