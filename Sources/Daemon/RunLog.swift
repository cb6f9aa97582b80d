import CivilTime
import JobCatalog
import Logging
import RunModel
import Scheduling

/// What is logged of runs: a line each, one for neighbouring occurrences of a job that were decided alike, and one for all of
/// a burst.
///
/// Rows are held until the turn in which they ended is over, and in a burst until it is over or `interval` long, so that a
/// burst that goes on is counted while it does.
struct RunLog {
    /// More rows at once, or within a second, are a burst, as are more jobs that are at work.
    static let linesMax = 10
    /// How long the rows of a burst are held at most.
    static let interval: Duration = .seconds(10)
    /// How many jobs are named of those that need somebody.
    private static let namesMax = 3

    private var held: [RunRecord] = []
    /// The rows of a burst beyond those that are still written one by one, in kinds.
    private var counts: [Kind: Count] = [:]
    private var burstSince: ContinuousClock.Instant?
    /// The lines of the second that began at `since`.
    private var written: (since: ContinuousClock.Instant?, count: Int) = (nil, 0)

    private struct Kind: Hashable {
        var outcome: Outcome?
        var reason: Reason?
    }

    private struct Count {
        var occurrences = 0
        /// The first jobs, each once.
        var jobs: [JobName] = []
        var hasMoreJobs = false
        var level = Logger.Level.info
        /// The first and the last occurrence; nil when there was none.
        var span: ClosedRange<Instant>?
    }

    /// Whether rows wait to be written.
    var isHolding: Bool { !held.isEmpty || !counts.isEmpty }

    /// Takes a row, to be written by the next `write`.
    mutating func add(_ row: RunRecord) {
        if counts.isEmpty {
            if let last = held.lastIndex(where: { $0.job == row.job }), held[last].isDecidedLike(row) {
                return held[last].stand(for: row)
            }
            if held.count < Self.linesMax { return held.append(row) }
        }
        for row in held { count(row) }
        held = []
        count(row)
    }

    /// Writes what is held, unless a burst goes on.
    ///
    /// - Parameters:
    ///   - busy: how many jobs have something under way.
    ///   - isEnd: whether nothing follows.
    mutating func write(at now: ContinuousClock.Instant, busy: Int, isEnd: Bool = false, to logger: Logger) {
        guard isHolding else { return }
        if written.since.map({ $0.duration(to: now) >= .seconds(1) }) ?? true { written = (now, 0) }
        let isCalm = busy <= Self.linesMax
        if burstSince == nil, !isCalm || !counts.isEmpty || written.count + held.count > Self.linesMax {
            burstSince = now
        }
        if let burstSince, busy > 0, !isEnd, burstSince.duration(to: now) < Self.interval { return }
        burstSince = nil
        written.count += held.count
        for row in held { logger.log(level: row.logLevel, "\(row.sentence)", metadata: row.logFields) }
        held = []
        if !counts.isEmpty { writeCounts(to: logger) }
        counts = [:]
    }

    private mutating func count(_ row: RunRecord) {
        var count = counts[Kind(outcome: row.outcome, reason: row.reason)] ?? Count(level: row.logLevel)
        count.occurrences += row.occurrences
        if let first = row.scheduledFor {
            let last = row.scheduledUntil ?? first
            count.span =
                min(first, count.span?.lowerBound ?? first)...max(last, count.span?.upperBound ?? last)
        }
        if !count.jobs.contains(row.job) {
            if count.jobs.count < Self.namesMax {
                count.jobs.append(row.job)
            } else {
                count.hasMoreJobs = true
            }
        }
        counts[Kind(outcome: row.outcome, reason: row.reason)] = count
    }

    /// One line, as loud as the loudest of what it counts.
    private func writeCounts(to logger: Logger) {
        let kinds = counts.sorted {
            ($0.value.level, $0.value.occurrences) > ($1.value.level, $1.value.occurrences)
        }
        let total = kinds.reduce(0) { $0 + $1.value.occurrences }
        let parts = kinds.map { kind, count in
            var words = [kind.reason?.rawValue].compactMap(\.self)
            if count.level > .info {
                words.append(
                    count.hasMoreJobs
                        ? count.jobs.map(\.description).joined(separator: ", ") + " and others"
                        : EnglishList.join(count.jobs.map(\.description)))
            }
            let what = "\(count.occurrences) \(kind.outcome?.rawValue ?? "ended")"
            var told = words.isEmpty ? what : "\(what) (\(words.joined(separator: ": ")))"
            // Of runs the times are in the history; of what was not run this line tells for how long.
            if kind.outcome?.isWithoutRequest == true, let span = count.span {
                told += " due " + RunRecord.dueText(span.lowerBound, span.upperBound)
            }
            return told
        }
        logger.log(
            level: kinds.first?.value.level ?? .info,
            "\(total) runs at once: \(parts.joined(separator: ", ")); `almanac history` lists them",
            metadata: ["occurrences": "\(total)"])
    }
}

extension Outcome {
    /// Whether no request was made.
    fileprivate var isWithoutRequest: Bool { self == .skipped || self == .missed }
}

extension RunRecord {
    /// Whether both were not run, for the same reason.
    fileprivate func isDecidedLike(_ other: RunRecord) -> Bool {
        outcome?.isWithoutRequest == true && trigger == other.trigger
            && (outcome, reason) == (other.outcome, other.reason)
            && scheduledFor.flatMap { first in other.scheduledFor.map { first < $0 } } ?? false
    }

    /// Takes in a later row that was decided alike.
    fileprivate mutating func stand(for other: RunRecord) {
        occurrences += other.occurrences
        scheduledUntil = other.scheduledUntil ?? other.scheduledFor
        finishedAt = other.finishedAt
        if other.occurrences == 1 { detail = other.detail }
    }

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
            "job": "\(job)", "run": "\(id)", "trigger": "\(triggerText)",
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
