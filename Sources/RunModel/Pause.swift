package import CivilTime

/// What a pause holds back.
package enum PauseScope: Sendable, Hashable {
    /// Every job of the store, those to come included.
    case all
    /// One job, whether the store knows it yet or not.
    case job(JobName)

    /// The scope as it is kept: the job's name, or `*`, which is no name.
    package var key: String {
        switch self {
        case .all: "*"
        case .job(let name): name.description
        }
    }

    /// The scope as an argument of the commands `pause` and `resume`.
    package var argument: String {
        switch self {
        case .all: "--all"
        case .job(let name): name.description
        }
    }

    /// The scope that is kept as `key`; nil when it is none.
    package init?(key: String) {
        if key == "*" {
            self = .all
        } else if let name = JobName(key) {
            self = .job(name)
        } else {
            return nil
        }
    }
}

/// A person's word that jobs are not to run for a while. It holds on every host, over restarts.
package struct Pause: Sendable, Equatable {
    /// What it holds back.
    package var scope: PauseScope
    /// When it was said.
    package var at: Instant
    /// When it ends by itself, later than `at`; nil: when somebody ends it.
    package var until: Instant?
    /// Who said it, at most `Limits.requestedByBytesMax` bytes.
    package var by: String
    /// Why, at most `Limits.detailBytesMax / 2` bytes; nil when nobody said.
    package var reason: String?

    package init(scope: PauseScope, at: Instant, until: Instant? = nil, by: String, reason: String? = nil) {
        self.scope = scope
        self.at = at
        self.until = until
        self.by = by
        self.reason = reason
    }

    /// The pause in a sentence, as it is recorded with each occurrence that it held back.
    package var detail: String {
        let what =
            switch scope {
            case .all: "all jobs were paused"
            case .job: "the job was paused"
            }
        func second(_ instant: Instant) -> String { Instant(seconds: instant.seconds).rfc3339 }
        return "\(what) by \(by) at \(second(at))" + (until.map { " until \(second($0))" } ?? "")
            + (reason.map { ": \($0)" } ?? "")
    }

    /// Whether it holds at `now`.
    package func isInForce(at now: Instant) -> Bool {
        until.map { now < $0 } ?? true
    }
}

extension RunRecord {
    /// The row of an occurrence that a pause held back.
    package func skipped(for pause: Pause) -> RunRecord {
        var row = self
        row.state = .finished
        row.outcome = .skipped
        row.reason = .paused
        row.detail = pause.detail
        row.finishedAt = createdAt
        row.attempts = 0
        row.startedAt = nil
        return row
    }

    /// What a row of several occurrences says.
    package static func sharedDetail(_ count: Int, _ detail: String?) -> String {
        "\(count) occurrences share this row" + (detail.map { "; " + $0 } ?? "")
    }
}
