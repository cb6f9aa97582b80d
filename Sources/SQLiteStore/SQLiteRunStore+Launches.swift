package import RunModel

/// The steps of launches.
extension SQLiteRunStore: LaunchStore {
    package func record(_ step: LaunchStep) throws(StoreError) {
        try transaction { connection throws(StoreError) in
            _ = try connection.change(Statements.recordLaunchStep, step.columnValues)
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

    fileprivate static let launchSteps = """
        select \(launchColumns) from launch_steps
        where launch = (select max(launch) from launch_steps) order by ended_at, step
        """
}
