/// The program's exit statuses; from 64 on as sysexits.h names them.
package enum ExitStatus: Int32, Sendable {
    /// Done; for a run by hand, it succeeded or was declined.
    case done = 0
    /// The run or the check failed.
    case failed = 1
    /// Health is “fail”.
    case unhealthy = 2
    /// The command line is wrong.
    case usage = 64
    /// A bad input file or expression.
    case badInput = 65
    /// A service is not reachable.
    case unavailable = 69
    /// A bug of this program.
    case software = 70
    /// It may work later: the store is busy, another run is live, or the API answered 429 or 503.
    case tryAgain = 75
    /// The API refused the job token or the identity.
    case refused = 77
    /// A setting is missing or unusable, or the store that it names cannot be used or reached.
    case configuration = 78
}
