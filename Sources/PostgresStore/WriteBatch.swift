import CivilTime
import Records
import RunModel

/// Calls that write rows, as statements of one transaction: a statement for each kind of call.
///
/// No two of the calls share a subject.
struct WriteBatch {
    /// The locks, on jobs and then on runs, and then what is written.
    let statements: [Statement]
    /// The calls that each of the last statements writes.
    private let groups: [Group]
    private let count: Int

    /// Calls of one kind, and their positions among all.
    private struct Group {
        let kind: Write.Kind
        var positions: [Int] = []
        var writes: [Write] = []
    }

    init(_ writes: [Write]) {
        var groups: [Group] = []
        for (position, write) in writes.enumerated() {
            let known = groups.firstIndex { $0.kind == write.kind }
            if known == nil { groups.append(Group(kind: write.kind)) }
            groups[known ?? groups.count - 1].positions.append(position)
            groups[known ?? groups.count - 1].writes.append(write)
        }
        // Runs that end make room for those that are claimed.
        groups = groups.filter { !$0.kind.isClaim } + groups.filter(\.kind.isClaim)
        statements = Self.locks(of: writes) + groups.map(Self.statement)
        self.groups = groups
        count = writes.count
    }

    /// What came of each call, from the rows that each statement answered.
    func results(from answers: [[[ColumnValue]]]) throws(StoreError) -> [Result<StoreAnswer, StoreError>] {
        var results: [Result<StoreAnswer, StoreError>] = Array(
            repeating: .success(.owner(false)), count: count)
        for (group, rows) in zip(groups, answers.suffix(groups.count)) {
            let found = try Self.results(of: group, from: rows)
            for (position, result) in zip(group.positions, found) { results[position] = result }
        }
        return results
    }

    private static func locks(of writes: [Write]) -> [Statement] {
        var statements: [Statement] = []
        let jobs = Set(writes.flatMap(\.jobs)).sorted().map(\.description)
        if !jobs.isEmpty { statements.append(Statement(sql: Statements.lockJobs, parameters: [array(jobs)])) }
        // Whoever writes a single run holds nothing that another waits for.
        if writes.count > 1 {
            let runs = writes.filter { $0.kind != .record }.flatMap(\.ids).map(\.description)
            statements.append(Statement(sql: Statements.lockRuns, parameters: [array(runs)]))
        }
        return statements
    }

    private static func statement(of group: Group) -> Statement {
        let writes = group.writes
        let rows = "[" + writes.map(\.rows).joined(separator: ",") + "]"
        let attempts = "[" + writes.compactMap(\.attempt).joined(separator: ",") + "]"
        return switch group.kind {
        case .finish: Statement(sql: Statements.finish, parameters: [rows, attempts])
        case .startAttempt: Statement(sql: Statements.startAttempt, parameters: [rows, attempts])
        case .awaitRetry: Statement(sql: Statements.awaitRetry, parameters: [rows, attempts])
        case .record: Statement(sql: Statements.record, parameters: [rows])
        case .claim(let lease):
            Statement(
                sql: Statements.claim,
                parameters: [
                    rows, String(lease),
                    array(writes.filter(\.ignoresPause).flatMap(\.ids).map(\.description)),
                ])
        }
    }

    /// An array as a text; names of jobs and identities need no quotes in it.
    private static func array(_ elements: [String]) -> String {
        "{" + elements.joined(separator: ",") + "}"
    }

    private static func results(
        of group: Group, from rows: [[ColumnValue]]
    ) throws(StoreError) -> [Result<StoreAnswer, StoreError>] {
        switch group.kind {
        case .finish, .startAttempt, .awaitRetry:
            let owned = Set(try RunID.reading(rows))
            return group.writes.map { .success(.owner(owned.isSuperset(of: $0.ids))) }
        case .record:
            var leftOut: [RunID: Instant] = [:]
            var unknown: Set<RunID> = []
            var ahead: [RunID: Int64] = [:]
            for values in rows {
                var row = RowReader(columns: ["run_id", "last_scheduled_for", "ahead"], values: values)
                let id = try row.runID()
                leftOut[id] = try row.optionalInstant()
                if leftOut[id] == nil { unknown.insert(id) }
                ahead[id] = try row.optionalInteger()
            }
            return group.writes.map { write in
                // What else the call recorded is left out when it is repeated.
                if !unknown.isDisjoint(with: write.ids) { return .failure(unregistered(write.jobs[0])) }
                if let most = write.ids.compactMap({ ahead[$0] }).max() {
                    return .failure(.ahead(by: .microseconds(most)))
                }
                return .success(.recorded(leftOut.filter { write.ids.contains($0.key) }))
            }
        case .claim:
            var answers: [RunID: Result<StoreAnswer, StoreError>] = [:]
            for values in rows {
                let (id, answer) = try Self.claimAnswer(values)
                answers[id] = answer
            }
            return group.writes.map { write in
                answers[write.ids[0]] ?? .failure(unregistered(write.jobs[0]))
            }
        }
    }

    private static func claimAnswer(
        _ values: [ColumnValue]
    ) throws(StoreError) -> (RunID, Result<StoreAnswer, StoreError>) {
        var row = RowReader(
            columns: ["run_id", "fence", "ahead", "live", "is_decided"] + Pause.columns, values: values)
        let id = try row.runID()
        let fence = try row.optionalInteger()
        let ahead = try row.optionalInteger()
        if fence == nil, let ahead { return (id, .failure(.ahead(by: .microseconds(ahead)))) }
        return (id, .success(.claim(try claimAnswer(id, fence, &row))))
    }

    private static func claimAnswer(
        _ id: RunID, _ fence: Int64?, _ row: inout RowReader
    ) throws(StoreError) -> ClaimAnswer {
        if let fence { return .claimed(OwnedRun(id: id, fence: fence)) }
        let live = try row.optionalText()
        if try row.boolean() { return .alreadyDecided }
        if let pause = try Pause(readingOptional: &row) { return .paused(pause) }
        return live.flatMap { RunID($0) }.map { .overlaps($0) } ?? .alreadyDecided
    }

    private static func unregistered(_ job: JobName) -> StoreError {
        StoreError(.unregistered, "the job \(job) is not registered in the store", hint: "almanac reload")
    }
}
