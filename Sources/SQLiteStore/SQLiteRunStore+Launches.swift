package import CivilTime
package import Records

/// The steps of launches.
extension SQLiteRunStore: LaunchStore {
    package func record(_ step: LaunchStep) throws(StoreError) {
        try transaction { connection throws(StoreError) in
            _ = try connection.change(Statements.recordLaunchStep, step.columnValues)
        }
    }

    package func record(_ step: LaunchStep, after latest: Instant?) throws(StoreError) -> Bool {
        try transaction { connection throws(StoreError) in
            let rows = try connection.rows(Statements.latestLaunchStep)
            let expected = latest.map { ColumnValue.integer($0.microseconds) } ?? .null
            guard rows.first == [expected] else { return false }
            _ = try connection.change(Statements.recordLaunchStep, step.columnValues)
            return true
        }
    }

    package func resumeAll(pausedAt: Instant) throws(StoreError) -> Bool {
        try transaction { connection throws(StoreError) in
            try !connection.rows(Statements.resumeAll, [.instant(pausedAt)]).isEmpty
        }
    }

    package func launchSteps() throws(StoreError) -> [LaunchStep] {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            try LaunchStep.reading(connection.rows(Statements.launchSteps))
        }
    }
}

extension Statements {
    private static let launchColumns = LaunchStep.columns.joined(separator: ", ")

    fileprivate static let recordLaunchStep = """
        insert into launch_steps (\(launchColumns)) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (launch, kind, step) do update set done = excluded.done, ended_at = excluded.ended_at,
            by = excluded.by, host = excluded.host, detail = excluded.detail, facts = excluded.facts
        """

    fileprivate static let latestLaunchStep = "select max(ended_at) from launch_steps"

    fileprivate static let resumeAll =
        "delete from pauses where scope = '*' and paused_at = ? returning scope"

    fileprivate static let launchSteps = """
        select \(launchColumns) from launch_steps
        where launch = (select max(launch) from launch_steps) order by ended_at, step
        """
}
