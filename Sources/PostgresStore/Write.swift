import BlockingThread
import CivilTime
import Records
import RunModel

/// A call that writes rows, alone or in one transaction with others; its rows are made into text by the caller, so that
/// the thread of the connection has little left to do.
struct Write: BatchedCall {
    enum Kind: Sendable, Hashable {
        case finish, startAttempt, awaitRetry
        case record
        /// With the lease in microseconds.
        case claim(lease: Int64)

        var isClaim: Bool {
            if case .claim = self { true } else { false }
        }
    }

    /// What no two calls of one transaction may share: each statement sees what was there before it, and calls of one
    /// job or of one run keep their order.
    enum Subject: Hashable, Sendable {
        case job(JobName)
        case run(RunID)
    }

    var subjects: [Subject] { jobs.map { .job($0) } + ids.map { .run($0) } }
    var rowCount: Int { ids.count }

    let kind: Kind
    /// The jobs whose watermark or fence it moves.
    var jobs: [JobName] = []
    let ids: [RunID]
    /// Rows of `runs`, as members of a JSON array.
    let rows: String
    /// The attempt that began or ended by it, as a member of a JSON array.
    var attempt: String?
    /// Whether a run is claimed although a pause is in force.
    var ignoresPause = false

    init(_ claim: Claim) {
        let run = claim.run.storable
        kind = .claim(lease: claim.lease.wholeMicroseconds)
        ignoresPause = claim.ignoresPause
        jobs = [run.job]
        ids = [run.id]
        rows = JSONText.object(
            columns: RunRecord.columns + ["exclusive"],
            values: run.columnValues + [.boolean(claim.isExclusive)])
    }

    init(recording decisions: [RunRecord]) {
        kind = .record
        jobs = Set(decisions.map(\.job)).sorted()
        ids = decisions.map(\.id)
        rows = decisions.map { JSONText.object(columns: RunRecord.columns, values: $0.storable.columnValues) }
            .joined(separator: ",")
    }

    /// A change of a run by its owner: a compare-and-set on identity, fence and a state that is not finished.
    init(
        _ kind: Kind, of owned: OwnedRun, _ columns: [String], _ values: [ColumnValue],
        _ attempt: AttemptRecord?
    ) {
        self.kind = kind
        ids = [owned.id]
        let id = ColumnValue.text(owned.id.description)
        rows = JSONText.object(
            columns: ["run_id", "fence"] + columns, values: [id, .integer(owned.fence)] + values)
        self.attempt = attempt.map {
            JSONText.object(columns: ["run_id"] + AttemptRecord.columns, values: [id] + $0.columnValues)
        }
    }
}
