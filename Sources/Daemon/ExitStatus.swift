/// The program's exit statuses; from 64 on as sysexits.h names them.
package enum ExitStatus: Int32, Sendable {
    case done = 0
    /// The run or the check failed.
    case failed = 1
    /// Health is “fail”.
    case unhealthy = 2
    case usage = 64
    /// A bad input file or expression.
    case badInput = 65
    /// A service is not reachable.
    case unavailable = 69
    /// A bug of this program.
    case software = 70
    case tryAgain = 75
    /// The API refused the job token or the identity.
    case refused = 77
    case configuration = 78
}

/// An error that ends a command: what happened, what to do about it, and the exit status.
package struct CommandError: Error, Sendable, Equatable {
    package var code: ExitStatus
    package var message: String
    package var hint: String?

    package init(_ code: ExitStatus, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}
