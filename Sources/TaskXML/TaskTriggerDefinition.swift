package import Scheduling

/// A trigger of a task, as its file states it.
package struct TaskTriggerDefinition: Sendable, Equatable {
    /// What starts the task.
    package enum Kind: Sendable, Equatable {
        /// A TimeTrigger or a CalendarTrigger: it follows the clock.
        case clock(TaskTrigger)
        /// A BootTrigger or a RegistrationTrigger: it follows an event.
        case event(EventTrigger)
        /// A trigger that has no meaning here, by its element's name.
        case refused(String)
    }

    /// A trigger that is refused keeps its element's name alone.
    package var kind: Kind
    /// The attribute `id`; Task Scheduler only carries it.
    package var id: String?
    /// A trigger that is disabled starts nothing.
    package var isEnabled: Bool
    /// On Windows the limit of the runs that this trigger starts; here the shortest of all triggers' counts
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

    /// Whether it starts anything here.
    package var isLive: Bool {
        if case .refused = kind { false } else { isEnabled }
    }

    /// Whether its starts depend on the zone of the machine: a boundary has no `Z` or offset.
    package var needsZone: Bool {
        let boundaries: [TaskTrigger.Boundary?] =
            switch kind {
            case .clock(let trigger): [trigger.start, trigger.end]
            case .event(let trigger): [trigger.start, trigger.end]
            case .refused: []
            }
        return boundaries.contains { if case .local? = $0 { true } else { false } }
    }
}
