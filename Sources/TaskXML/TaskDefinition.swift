package import CommandRequests
package import Scheduling

/// A task of Windows Task Scheduler, read from its XML or to be written as such.
package struct TaskDefinition: Sendable, Equatable {
    /// What the file says about itself.
    package struct Registration: Sendable, Equatable {
        /// The path of the task, as in `\Almanac\purge`.
        package var uri: String?
        /// Who made it, for people.
        package var author: String?
        /// What it is for, for people.
        package var description: String?

        package init(uri: String? = nil, author: String? = nil, description: String? = nil) {
            self.uri = uri
            self.author = author
            self.description = description
        }
    }

    /// Options of a job that no element states, which `<Data>` holds: Task Scheduler keeps what stands there for other
    /// programs, and reads none of it (ITaskDefinition::get_Data).
    package struct Options: Sendable, Equatable {
        /// What such a text begins with.
        package static let mark = "almanac:"

        /// Options as a line of a schedule file has them, `accept=200 decline=503`.
        package var text: String
        /// Where the text begins.
        package var position: TaskPosition

        package init(_ text: String, position: TaskPosition = TaskPosition(line: 1, column: 1)) {
            self.text = text
            self.position = position
        }
    }

    /// Its URI names the job.
    package var registration: Registration
    /// In the order of the file, disabled and refused ones included.
    package var triggers: [TaskTriggerDefinition]
    /// Task Scheduler's defaults where the file says nothing.
    package var settings: TaskSettings
    /// nil when it says nothing but what its elements state.
    package var options: Options?
    /// What it does; nil when its action was refused.
    package var request: CommandRequest?
    /// Where a comment or description claims that times are UTC.
    package var utcClaim: TaskPosition?
    /// Where the task begins.
    package var position: TaskPosition
    /// What there is to know about this task, in the order of the file.
    package var diagnostics: [TaskDiagnostic]
    /// What becomes of each of its elements and attributes, in the order of the file.
    package var verdicts: [TaskVerdict]

    package init(
        registration: Registration = Registration(),
        triggers: [TaskTriggerDefinition] = [],
        settings: TaskSettings = TaskSettings(), options: Options? = nil, request: CommandRequest? = nil,
        utcClaim: TaskPosition? = nil,
        position: TaskPosition = TaskPosition(line: 1, column: 1), diagnostics: [TaskDiagnostic] = [],
        verdicts: [TaskVerdict] = []
    ) {
        self.registration = registration
        self.triggers = triggers
        self.settings = settings
        self.options = options
        self.request = request
        self.utcClaim = utcClaim
        self.position = position
        self.diagnostics = diagnostics
        self.verdicts = verdicts
    }

    /// The last part of the URI: the name that Task Scheduler shows. Nil without a URI.
    package var name: String? {
        registration.uri?.split { $0 == "\\" || $0 == "/" }.last.map(String.init)
    }

    /// The enabled triggers that follow the clock.
    package var clockTriggers: [TaskTrigger] {
        triggers.compactMap { trigger in
            guard trigger.isEnabled, case .clock(let clock) = trigger.kind else { return nil }
            return clock
        }
    }

    /// The enabled triggers that follow an event.
    package var eventTriggers: [EventTrigger] {
        triggers.compactMap { trigger in
            guard trigger.isEnabled, case .event(let event) = trigger.kind else { return nil }
            return event
        }
    }

    /// The shortest time limit of the request and of the triggers that start something; nil for none.
    ///
    /// The limit of a trigger goes before the task's own (ITrigger::put_ExecutionTimeLimit).
    package var timeLimit: Duration? {
        let live = triggers.filter(\.isLive)
        let limits =
            live.isEmpty
            ? [settings.executionTimeLimit]
            : live.map { $0.executionTimeLimit ?? settings.executionTimeLimit }
        return ([request?.timeout] + limits).compactMap(\.self).min()
    }

    /// Whether an enabled trigger means the local time of a machine.
    package var needsZone: Bool { triggers.contains { $0.isEnabled && $0.needsZone } }

    /// Whether it can become a job: nothing about it is an error.
    package var isUsable: Bool { request != nil && !diagnostics.contains { $0.severity == .error } }
}
