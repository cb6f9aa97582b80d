/// A trigger of a task, as its file states it.
package struct TaskTriggerDefinition: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Once, at the start boundary.
        case time
        /// Every `interval` days (1 to 365), counted from the start boundary's date.
        case daily(interval: Int)
        /// On `days` of every `interval`th week (1 to 52), counted from the start boundary's week.
        case weekly(interval: Int, days: Set<TaskWeekday>)
        /// On `days` (1 to 31), and on the last day if `isLastDay`, of `months` (1 to 12).
        case monthly(days: Set<Int>, isLastDay: Bool, months: Set<Int>)
        /// On `days` of the `weeks` (1 to 4), and on the last ones if `isLastWeek`, of `months` (1 to 12).
        case monthlyWeekday(weeks: Set<Int>, isLastWeek: Bool, days: Set<TaskWeekday>, months: Set<Int>)
        /// `delay` after the machine starts.
        case boot(delay: Duration)
        /// `delay` after the task is created or changed.
        case registration(delay: Duration)
        /// A trigger that has no meaning here, by its element's name.
        case refused(String)

        /// Whether it follows the clock, and so has a start boundary.
        package var isClock: Bool {
            switch self {
            case .time, .daily, .weekly, .monthly, .monthlyWeekday: true
            case .boot, .registration, .refused: false
            }
        }
    }

    /// Starts after the first, until a duration has passed.
    package struct Repetition: Sendable, Equatable {
        /// One minute to 31 days.
        package var interval: Duration
        /// How long after the first start; the end itself counts. Nil for ever.
        package var duration: Duration?
        /// Whether what still runs at the end is stopped.
        package var stopsAtDurationEnd: Bool

        package init(interval: Duration, duration: Duration? = nil, stopsAtDurationEnd: Bool = false) {
            self.interval = interval
            self.duration = duration
            self.stopsAtDurationEnd = stopsAtDurationEnd
        }
    }

    package var kind: Kind
    package var id: String?
    package var isEnabled: Bool
    /// The first start for clock triggers, with the time of day of all; not active before it for the others.
    package var startBoundary: TaskDateTime?
    /// When it ceases to be active.
    package var endBoundary: TaskDateTime?
    package var repetition: Repetition?
    /// Takes the place of the task's limit for runs that this trigger starts.
    package var executionTimeLimit: Duration?
    /// The largest random wait before a start.
    package var randomDelay: Duration
    package var position: TaskPosition

    package init(
        kind: Kind, id: String? = nil, isEnabled: Bool = true, startBoundary: TaskDateTime? = nil,
        endBoundary: TaskDateTime? = nil, repetition: Repetition? = nil, executionTimeLimit: Duration? = nil,
        randomDelay: Duration = .zero, position: TaskPosition = TaskPosition(line: 1, column: 1)
    ) {
        self.kind = kind
        self.id = id
        self.isEnabled = isEnabled
        self.startBoundary = startBoundary
        self.endBoundary = endBoundary
        self.repetition = repetition
        self.executionTimeLimit = executionTimeLimit
        self.randomDelay = randomDelay
        self.position = position
    }

    /// Whether its starts depend on the zone of the machine: it follows the clock and a boundary has no `Z`
    /// or offset.
    package var needsZone: Bool {
        kind.isClock && (startBoundary?.zone == .local || endBoundary?.zone == .local)
    }
}

/// A day of the week; raw values as in ISO 8601, Monday 1 to Sunday 7.
package enum TaskWeekday: Int, Sendable, CaseIterable, Comparable {
    case monday = 1
    case tuesday, wednesday, thursday, friday, saturday, sunday

    /// The name of its element.
    package var elementName: String {
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][rawValue - 1]
    }

    package static func < (left: TaskWeekday, right: TaskWeekday) -> Bool { left.rawValue < right.rawValue }
}
