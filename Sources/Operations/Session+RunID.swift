import Records
package import RunModel

extension Session {
    /// A run and its attempts.
    package func run(
        _ id: RunID
    ) async throws(CommandError) -> (record: RunRecord, attempts: [AttemptRecord]) {
        if asksService { return try await runOfService(id) }
        guard let found = try await query({ (store) throws(StoreError) in try await store.run(id) }) else {
            throw CommandError(
                .failed, "no run \(id) is recorded", hint: "list runs with `almanac history`")
        }
        return found
    }

    /// The run whose identity is `text`, or begins with it.
    package func runID(_ text: String) async throws(CommandError) -> RunID {
        if let id = RunID(text) { return id }
        guard let beginning = RunID.Beginning(text) else {
            throw CommandError(.usage, "“\(text)” is not a run ID", hint: "copy one from `almanac history`")
        }
        if asksService { return try await runIDOfService(beginning) }
        let found = try await query { (store) throws(StoreError) in
            try await store.runs(
                from: beginning.range.lowerBound, through: beginning.range.upperBound, limit: 2)
        }
        guard let id = found.first else {
            throw CommandError(
                .failed, "no run that begins with \(text) is recorded",
                hint: "list runs with `almanac history`")
        }
        guard found.count == 1 else {
            throw CommandError(
                .usage, "several runs begin with \(text)", hint: "type more of it, such as \(id)")
        }
        return id
    }
}
