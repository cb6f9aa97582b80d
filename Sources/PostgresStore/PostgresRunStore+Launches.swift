package import CivilTime
package import Records

/// The steps of launches.
extension PostgresRunStore: LaunchStore {
    package func record(_ step: LaunchStep) throws(StoreError) {
        let given = JSONText.array(columns: LaunchStep.columns, rows: [step.columnValues])
        _ = try transaction(Statement(sql: Statements.recordLaunchStep, parameters: [given]))
    }

    package func record(_ step: LaunchStep, after latest: Instant?) throws(StoreError) -> Bool {
        let given = JSONText.array(columns: LaunchStep.columns, rows: [step.columnValues])
        let answers = try transaction(
            Statement(sql: "select pg_advisory_xact_lock(\(Self.launchLock))::text"),
            Statement(sql: Statements.recordNextLaunchStep, parameters: [given, latest?.timestamptz]))
        return !answers[1].isEmpty
    }

    /// Any number will do that nobody else here locks.
    private static let launchLock = 4_811_092_027

    package func resumeAll(pausedAt: Instant) throws(StoreError) -> Bool {
        let statement = Statement(sql: Statements.resumeAll, parameters: [pausedAt.timestamptz])
        return try !transaction(statement)[0].isEmpty
    }

    package func launchSteps() throws(StoreError) -> [LaunchStep] {
        try LaunchStep.reading(transaction(Statement(sql: Statements.launchSteps), isReadOnly: true)[0])
    }
}

extension Statements {
    fileprivate static let recordLaunchStep = recordLaunchStep(where: "true")

    fileprivate static let recordNextLaunchStep =
        recordLaunchStep(
            where: "(select max(ended_at) from almanac.launch_steps) is not distinct from $2::timestamptz")
        + " returning step"

    fileprivate static let resumeAll = """
        delete from almanac.pauses where scope = '*' and paused_at = $1::timestamptz returning scope
        """

    private static func recordLaunchStep(where condition: String) -> String {
        """
        insert into almanac.launch_steps (\(LaunchStep.columns.joined(separator: ", ")))
        select \(LaunchStep.columns.joined(separator: ", "))
        from jsonb_populate_record(null::almanac.launch_steps, $1::jsonb -> 0) where \(condition)
        on conflict (launch, kind, step) do update set done = excluded.done, ended_at = excluded.ended_at,
            by = excluded.by, host = excluded.host, detail = excluded.detail, facts = excluded.facts
        """
    }

    fileprivate static let launchSteps = """
        select \(LaunchStep.columns.joined(separator: ", ")) from almanac.launch_steps
        where launch = (select max(launch) from almanac.launch_steps) order by ended_at, step
        """
}
