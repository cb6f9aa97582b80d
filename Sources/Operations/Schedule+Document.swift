package import CivilTime
import JobCatalog
package import RunModel
package import Scheduling

extension Schedule {
    /// The schedule and its `occurrences` after `start` for programs.
    package func document(
        _ occurrences: [Occurrence], after start: Instant, _ times: TimeText
    ) -> JSONValue {
        .object([
            .init("schedule", .string(description)), .init("schedule_words", .string(words)),
            .init("time_zone", .string(zone.name)),
            .init("occurrences", .array(occurrences.map { $0.json(times) })),
            .init("over", .bool(isOver(after: start))),
            .init(
                "warnings",
                .array(
                    warnings(from: start).map {
                        .object([
                            .init("code", .string($0.code.rawValue)), .init("message", .string($0.message)),
                        ])
                    })),
        ])
    }
}

extension Occurrence {
    fileprivate func json(_ times: TimeText) -> JSONValue {
        .object([
            .init("scheduled_for", times.json(instant)), .init("local", .string(local.description)),
            .init("adjustment", .string(adjustment.code)),
        ])
    }
}

extension Occurrence.Adjustment {
    fileprivate var code: String {
        switch self {
        case .none: "none"
        case .movedOutOfGap: "moved_out_of_gap"
        case .firstOfTwo: "first_of_two"
        case .secondOfTwo: "second_of_two"
        }
    }
}
