package import Scheduling

/// A trigger of a task, as its file states it.
package struct TaskTriggerDefinition: Sendable, Equatable {
    /// What starts the task.
    package enum Kind: Sendable, Equatable {
        /// A TimeTrigger or a CalendarTrigger: it follows the clock.
        case clock(TaskTrigger)
        /// After the machine starts.
        case boot(EventStart)
        /// After the task is created or changed.
        case registration(EventStart)
        /// A trigger that has no meaning here, by its element's name.
        case refused(String)
    }

    /// How a trigger starts after an event.
    package struct EventStart: Sendable, Equatable {
        /// The wait after the event.
        package var delay: Duration
        /// Events before it start nothing.
        package var start: TaskTrigger.Boundary?
        /// Events after it start nothing.
        package var end: TaskTrigger.Boundary?
        /// How it starts again after each event; nil for not at all.
        package var repetition: TaskTrigger.Repetition?

        package init(
            delay: Duration = .zero, start: TaskTrigger.Boundary? = nil, end: TaskTrigger.Boundary? = nil,
            repetition: TaskTrigger.Repetition? = nil
        ) {
            self.delay = delay
            self.start = start
            self.end = end
            self.repetition = repetition
        }
    }

    /// A trigger that is refused keeps its element's name alone.
    package var kind: Kind
    /// The attribute `id`; Task Scheduler only carries it.
    package var id: String?
    /// A trigger that is disabled starts nothing.
    package var isEnabled: Bool
    /// On Windows the limit of the runs that this trigger starts; here the shortest of all counts
    /// (`timeLimit`).
    package var executionTimeLimit: Duration?
    /// Where its start tag begins in the file.
    package var position: TaskPosition

    package init(
        kind: Kind, id: String? = nil, isEnabled: Bool = true, executionTimeLimit: Duration? = nil,
        position: TaskPosition = TaskPosition(line: 1, column: 1)
    ) {
        self.kind = kind
        self.id = id
        self.isEnabled = isEnabled
        self.executionTimeLimit = executionTimeLimit
        self.position = position
    }

    /// Whether its starts depend on the zone of the machine: it follows the clock, and a boundary has no `Z`
    /// or offset.
    package var needsZone: Bool {
        guard case .clock(let trigger) = kind else { return false }
        return [trigger.start, trigger.end].contains { if case .local? = $0 { true } else { false } }
    }
}
