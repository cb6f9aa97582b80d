/// Why a task cannot be written so that Task Scheduler does what is meant.
package struct TaskWriteError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What stands in the way.
    package enum Reason: Sendable, Equatable {
        /// There is no request.
        case noRequest
        /// A trigger has no element of Task Scheduler.
        case trigger
        /// More than 48 triggers.
        case tooManyTriggers
        /// A text cannot stand in XML or on a command line.
        case value
        /// The command line is longer than Windows allows.
        case tooLong
        /// A schedule that Task Scheduler cannot say.
        case schedule
    }

    /// What stands in the way, for programs.
    package var reason: Reason
    /// The reason in a sentence without a full stop, with what it is about.
    package var description: String
    /// What to do about it; nil when nothing helps more than the description.
    package var hint: String?

    package init(_ reason: Reason, _ description: String, hint: String? = nil) {
        self.reason = reason
        self.description = description
        self.hint = hint
    }
}
