import CivilTime
import Records
import RunModel

/// What health says while the store is away.
extension HealthAssessment {
    /// How the store is in an outage, and why; nil when there is none.
    static func outage(
        _ journal: JournalStatus, besides others: Int, _ now: Instant
    ) -> (HealthStatus, String?)? {
        guard let since = journal.outageSince else { return nil }
        let why = journal.outageError.map { ": \($0)" } ?? ""
        let away = "the store has been away since \(since.rfc3339)\(why)"
        if let error = journal.journalError { return (.fail, "\(away); \(error)") }
        switch journal.policy {
        case .run:
            let twice = doubled(journal, besides: others).map { "; \($0)" } ?? ""
            return (.warn, "\(away); jobs run, and are journalled\(twice)")
        case .hold, .auto:
            let choice =
                journal.isAutomatic
                ? "other hosts may be running its jobs (ALMANAC_STORE_OUTAGE=auto)"
                : "(ALMANAC_STORE_OUTAGE=hold)"
            return (
                .fail,
                "\(away); nothing starts until it is back\(journal.isAutomatic ? ", since" : "") \(choice)"
            )
        }
    }

    /// What it means that somebody chose `run` where `others` are alive; nil where nobody did, or where none is.
    static func doubled(_ journal: JournalStatus, besides others: Int) -> String? {
        guard !journal.isAutomatic, journal.policy == .run, others > 0 else { return nil }
        return
            "with ALMANAC_STORE_OUTAGE=run each of \(others + 1) hosts makes every run that falls due in an outage; "
            + "auto and hold make none twice"
    }

    /// The check of what waits in the journal.
    static func check(_ journal: JournalStatus, _ now: Instant) -> HealthCheck {
        let backlog = journal.backlog
        var details: [JSONValue.Member] = []
        if let oldestAt = backlog.oldestAt {
            details.append(.init("oldest_at", .string(oldestAt.rfc3339)))
            details.append(.init("oldest_age_seconds", .integer(max((now - oldestAt).components.seconds, 0))))
        }
        if journal.setAside > 0 { details.append(.init("set_aside", .integer(Int64(journal.setAside)))) }
        var problems: [String] = []
        if let error = journal.journalError { problems.append("\(error)") }
        if backlog.count > 0 {
            let age = backlog.oldestAt.map { ", the oldest for \((now - $0).components.seconds) s" } ?? ""
            problems.append(
                "\(backlog.count) operation\(backlog.count == 1 ? " waits" : "s wait") for the store" + age)
        }
        if journal.setAside > 0 {
            problems.append("\(journal.setAside) could not be delivered and were set aside")
        }
        let status: HealthStatus =
            journal.journalError != nil && journal.outageSince != nil
            ? .fail : problems.isEmpty ? .pass : .warn
        return HealthCheck(
            component: "journal", measurement: "backlog", componentType: .datastore, status: status,
            observedValue: .integer(Int64(backlog.count)), observedUnit: "operations", time: now,
            output: problems.isEmpty ? nil : problems.joined(separator: "; "), details: details)
    }
}
