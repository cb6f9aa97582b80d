package import RunModel

extension Session {
    /// The run whose identity is `text`, or begins with it.
    package func runID(_ text: String) async throws(CommandError) -> RunID {
        if let id = RunID(text) { return id }
        guard let range = RunID.range(ofPrefix: text) else {
            throw CommandError(.usage, "“\(text)” is not a run ID", hint: "copy one from `almanac history`")
        }
        let found = try await query { (store) throws(StoreError) in
            try await store.runs(from: range.lowerBound, through: range.upperBound, limit: 2)
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
