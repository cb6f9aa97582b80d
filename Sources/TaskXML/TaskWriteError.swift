/// Why a task cannot be written so that Task Scheduler does what is meant.
package struct TaskWriteError: Error, Sendable, Equatable, CustomStringConvertible {
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

    package var reason: Reason
    package var description: String
    package var hint: String?

    package init(_ reason: Reason, _ description: String, hint: String? = nil) {
        self.reason = reason
        self.description = description
        self.hint = hint
    }
}
