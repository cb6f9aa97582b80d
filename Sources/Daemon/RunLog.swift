import Logging
import RunModel

/// What is logged of runs: a line each, and of a burst its first lines and then one that counts the rest.
struct RunLog {
    /// What rows of one kind have in common.
    private struct Kind: Hashable {
        var outcome: Outcome?
        var reason: Reason?
    }

    private var begunAt: ContinuousClock.Instant?
    private var written = 0
    private var held: [Kind: (count: Int, first: RunRecord)] = [:]

    /// The lines of a burst that are written one by one.
    static let linesMax = 10
    /// What comes within a second of the first line, or while a burst goes on, is of one burst.
    static let interval: Duration = .seconds(1)

    /// Whether rows wait to be counted.
    var isHolding: Bool { !held.isEmpty }

    /// Logs a row, or holds it to be counted.
    mutating func log(_ row: RunRecord, at now: ContinuousClock.Instant, to logger: Logger) {
        flush(at: now, to: logger)
        if begunAt == nil { begunAt = now }
        guard written >= Self.linesMax else {
            written += 1
            return logger.log(level: row.logLevel, "\(row.sentence)", metadata: row.logFields)
        }
        let kind = Kind(outcome: row.outcome, reason: row.reason)
        held[kind] = ((held[kind]?.count ?? 0) + row.occurrences, held[kind]?.first ?? row)
    }

    /// Counts what is held, once the burst has lasted for a second; at its `end` at once.
    mutating func flush(at now: ContinuousClock.Instant, to logger: Logger, isEnd: Bool = false) {
        guard let begunAt, isEnd || begunAt.duration(to: now) >= Self.interval else { return }
        for (kind, rows) in held.sorted(by: { $0.value.count > $1.value.count }) {
            let what = kind.outcome?.plural ?? "ended"
            let why = kind.reason.map { " (\($0.rawValue))" } ?? ""
            logger.log(
                level: rows.first.logLevel, "\(rows.count) more \(what)\(why); `almanac history` lists them",
                metadata: [
                    "outcome": "\(kind.outcome?.rawValue ?? "")", "reason": "\(kind.reason?.rawValue ?? "")",
                    "occurrences": "\(rows.count)",
                ])
        }
        held = [:]
        written = 0
        self.begunAt = nil
    }
}

extension Outcome {
    /// The outcome as what several runs or occurrences came to.
    fileprivate var plural: String {
        switch self {
        case .succeeded: "succeeded"
        case .declined: "were declined"
        case .failed: "failed"
        case .timedOut: "timed out"
        case .unknown: "have an unknown outcome"
        case .skipped: "were skipped"
        case .missed: "were missed"
        }
    }
}

extension RunRecord {
    /// How loud it is told: what needs somebody is a warning or an error.
    fileprivate var logLevel: Logger.Level {
        switch outcome {
        case .succeeded, .declined, nil: .info
        case .failed, .timedOut, .unknown: .error
        // Somebody wanted it so.
        case .skipped where reason == .paused || reason == .disabled: .notice
        case .skipped, .missed: .warning
        }
    }

    /// The fields of its line, for those who search.
    fileprivate var logFields: Logger.Metadata {
        var fields: Logger.Metadata = [
            "job": "\(job)", "run": "\(id)", "trigger": "\(trigger.rawValue)",
            "outcome": "\(outcome?.rawValue ?? "")", "attempt": "\(attempts)",
        ]
        fields["occurrence"] = scheduledFor.map { "\($0)" }
        fields["reason"] = reason.map { "\($0.rawValue)" }
        fields["status"] = httpStatus.map { "\($0)" }
        fields["detail"] = detail.map { "\($0)" }
        fields["occurrences"] = occurrences > 1 ? "\(occurrences)" : nil
        return fields
    }
}
