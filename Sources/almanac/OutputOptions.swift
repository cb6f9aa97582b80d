import ArgumentParser
import CivilTime
import Daemon
import Host
import RunModel

/// How facts are printed.
enum OutputForm: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
}

/// The options of every command that prints facts.
struct OutputOptions: ParsableArguments {
    @Option(help: "table or json.")
    var output: OutputForm = .table

    @Option(help: "The zone to print times in, like Europe/Berlin; UTC when left out.")
    var timeZone: String?

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

    /// How times are printed.
    func times(_ session: Session) throws(CommandError) -> TimeText {
        guard let timeZone else { return TimeText(zone: .utc) }
        return TimeText(zone: try session.zone(timeZone))
    }
}

/// Prints instants in one zone, to the second.
struct TimeText {
    let zone: Zone

    /// The instant as RFC 3339 writes it, or `-`.
    func text(_ instant: Instant?) -> String {
        guard let instant else { return "-" }
        return Instant(seconds: instant.seconds).rfc3339(offset: zone.offset(at: instant))
    }

    /// The instant as RFC 3339 writes it, with its fraction.
    func exact(_ instant: Instant) -> String { instant.rfc3339(offset: zone.offset(at: instant)) }

    /// The instant for programs, to the microsecond.
    func json(_ instant: Instant?) -> JSONValue {
        instant.map { .string($0.rfc3339(offset: zone.offset(at: $0))) } ?? .null
    }

    /// A time that something took, in two significant units at most: `0.24 s`, `12 s`, `3 min 5 s`.
    static func duration(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMicroseconds / 1000
        let seconds = milliseconds / 1000
        switch milliseconds {
        case ..<1000: return "\(milliseconds) ms"
        case ..<10_000:
            let tenths = milliseconds % 1000 / 100
            return "\(seconds).\(tenths) s"
        case ..<60_000: return "\(seconds) s"
        default: return "\(seconds / 60) min \(seconds % 60) s"
        }
    }
}
