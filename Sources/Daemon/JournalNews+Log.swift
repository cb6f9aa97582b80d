import Logging
import Records
import RunEngine

extension JournalNews {
    /// One line for each that an operator may want to act on.
    func log(to logger: Logger) {
        switch self {
        case .outageBegan(let error, let policy):
            logger.error(
                policy == .run
                    ? "the database is away, jobs run without it: \(error)"
                    : "the database is away, nothing new starts: \(error)",
                metadata: [
                    "error": "\(error)", "hint": "\(error.hint ?? "")", "outage": "\(policy.rawValue)",
                ])
        case .outageEnded(let lasted, let delivered):
            logger.notice(
                "the database is back after \(lasted.components.seconds) s, \(delivered) operations were delivered",
                metadata: ["elapsed": "\(lasted)", "delivered": "\(delivered)"])
        case .delivered(let count):
            logger.notice(
                "delivered what an earlier daemon had journalled", metadata: ["delivered": "\(count)"])
        case .setAside(let what, let problem):
            logger.error(
                "an operation of the journal was set aside",
                metadata: ["operation": "\(what)", "error": "\(problem)"])
        case .rewound(let runs):
            logger.error(
                "the database has lost \(runs) runs that it had recorded; they are delivered again",
                metadata: [
                    "runs": "\(runs)", "hint": "was a standby promoted, or a backup restored? almanac audit",
                ])
        case .registeredAgain(let count):
            logger.warning(
                "the database had forgotten the jobs; they are registered again",
                metadata: [
                    "jobs": "\(count)", "hint": "was its schema dropped or restored? almanac migrate audit",
                ])
        case .journalFailed(let error):
            logger.critical(
                "the journal cannot be used",
                metadata: ["error": "\(error)", "hint": "\(error.hint ?? "")"])
        }
    }
}
