package import RunModel

/// The steps of launches.
extension PostgresRunStore: LaunchStore {
    package func record(_ step: LaunchStep) throws(StoreError) {
        let given = JSONText.array(columns: LaunchStep.columns, rows: [step.columnValues])
        _ = try transaction(Statement(sql: Statements.recordLaunchStep, parameters: [given]))
    }

    package func launchSteps() throws(StoreError) -> [LaunchStep] {
        try LaunchStep.reading(transaction(Statement(sql: Statements.launchSteps), isReadOnly: true)[0])
    }
}

extension Statements {
    fileprivate static let recordLaunchStep = """
        insert into almanac.launch_steps (\(LaunchStep.columns.joined(separator: ", ")))
        select \(LaunchStep.columns.joined(separator: ", "))
        from jsonb_populate_record(null::almanac.launch_steps, $1::jsonb -> 0)
        on conflict (launch, kind, step) do update set done = excluded.done, ended_at = excluded.ended_at,
            by = excluded.by, host = excluded.host, detail = excluded.detail, facts = excluded.facts
        """

    fileprivate static let launchSteps = """
        select \(LaunchStep.columns.joined(separator: ", ")) from almanac.launch_steps
        where launch = (select max(launch) from almanac.launch_steps) order by ended_at, step
        """
}
