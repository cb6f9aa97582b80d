package import CivilTime
package import RunModel

/// What a daemon has counted since it started.
package struct Counters: Sendable {
    /// What was counted of one job, or of all jobs that are not counted one by one.
    struct OfJob: Sendable {
        var outcomes: [Int] = Array(repeating: 0, count: Outcome.allCases.count)
        var attempts: [Int] = Array(repeating: 0, count: AttemptResult.allCases.count)
        var durations = Counters.noDurations
    }

    /// How an attempt ended, in classes.
    package enum AttemptResult: String, CaseIterable, Sendable {
        case status2xx = "2xx"
        case status3xx = "3xx"
        case status4xx = "4xx"
        case status5xx = "5xx"
        /// Nothing was sent: no name, no connection.
        case connect
        /// Nothing was sent: no trust.
        case tls
        case timeout
        /// Given up, refused by a setting, or broken off: what the API did is not known, or nothing was asked.
        case unknown

        /// The class of an exchange.
        package init(_ exchange: Exchange) {
            switch exchange.result {
            case .answered(let answer):
                switch answer.status {
                case 200..<300: self = .status2xx
                case 300..<400: self = .status3xx
                case 500..<600: self = .status5xx
                default: self = .status4xx
                }
            case .notSent(.tls, _): self = .tls
            case .notSent(.timeout, _), .timedOut: self = .timeout
            case .notSent(.dns, _), .notSent(.connect, _): self = .connect
            case .notSent, .broken, .cancelled: self = .unknown
            }
        }
    }

    /// A question to the store.
    package enum Operation: String, CaseIterable, Sendable {
        case claim
        case startAttempt = "start_attempt"
        case awaitRetry = "await_retry"
        case finish
        case decide
        case renew
        case takeOver = "take_over"
        case read
    }

    /// The timeouts of the API's jobs, from an answer at once to a refresh that takes an hour.
    private static let durationBounds = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600]
    /// Shared by all jobs until they have one.
    static let noDurations = Histogram(durationBounds)
    /// From what the loop does to what somebody waits for.
    static let latenessBounds = [0.001, 0.01, 0.1, 1, 5, 60, 3600]
    /// From a commit on a fast disk to the statement timeout.
    static let storeBounds = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10]

    /// The jobs that are counted one by one.
    private var jobs: [JobName: OfJob] = [:]
    /// All other jobs together.
    private(set) var others = OfJob()
    /// How many requests of a job are under way; none for a job without one.
    private(set) var running: [JobName: Int] = [:]
    private(set) var lateness = Histogram(latenessBounds)
    private(set) var store: [Operation: Histogram] = [:]
    /// Requests that were refused for their token.
    package var authFailures = 0
    /// When Prometheus asked last; nil before that.
    package var scrapedAt: Instant?

    /// Counters at zero.
    package init() {}

    /// What was counted of a job; zeros for one of which nothing was.
    subscript(_ job: JobName) -> OfJob { jobs[job] ?? OfJob() }

    /// Counts these jobs one by one, and all others together. What was counted of a job stays where it was.
    package mutating func count(_ names: some Sequence<JobName>) {
        var kept: [JobName: OfJob] = [:]
        for name in names { kept[name] = jobs[name] ?? OfJob() }
        jobs = kept
    }

    /// Counts a row that this host has recorded, whatever became of its occurrences.
    package mutating func add(_ row: RunRecord) {
        guard let outcome = row.outcome, !row.isDryRun else { return }
        change(row.job) { counters in
            counters.outcomes[outcome.index] += row.occurrences
            if let startedAt = row.startedAt, let finishedAt = row.finishedAt {
                counters.durations.add(finishedAt - startedAt)
            }
        }
    }

    /// A request of a job is being sent, `lateness` after its run was to start; nil for a retry.
    package mutating func sending(_ job: JobName, lateness: Duration?) {
        running[job, default: 0] += 1
        if let lateness { self.lateness.add(lateness) }
    }

    /// It has ended.
    package mutating func sent(_ job: JobName, _ exchange: Exchange) {
        running[job] = running[job].flatMap { $0 > 1 ? $0 - 1 : nil }
        change(job) { $0.attempts[AttemptResult(exchange).index] += 1 }
    }

    /// The store has answered, or failed, after a while.
    package mutating func asked(_ operation: Operation, took duration: Duration) {
        store[operation, default: Histogram(Self.storeBounds)].add(duration)
    }

    private mutating func change(_ job: JobName, _ change: (inout OfJob) -> Void) {
        if let index = jobs.index(forKey: job) { change(&jobs.values[index]) } else { change(&others) }
    }
}

extension CaseIterable where Self: Equatable, AllCases.Index == Int {
    /// Where it is among all cases.
    var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
