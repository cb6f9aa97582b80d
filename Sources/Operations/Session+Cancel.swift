import Records
package import RunModel

extension Session {
    /// Lets the daemon of this host give a run up, and waits for its end; `id` must be one of its own.
    package func cancel(_ id: RunID) async throws(CommandError) -> RunRecord {
        if asksService { return try await cancelByService(id) }
        guard let token = try tokens().job else {
            throw CommandError(
                .configuration, "JOB_TOKEN is not set, with which the daemon is asked",
                hint: "run it as the service's root: sudo almanac cancel \(id)")
        }
        let opened = try await openRecords()
        let path = "/v1/runs/\(id)/cancel"
        let by = JSONValue.object([.init("by", .string(standpoint.caller))])
        let answer = try await askDaemon("POST", path, token: token, by.description)
        guard answer.status == 202 else {
            throw CommandError(
                Document(answer.bodyBeginning) ?? Document(), answer.status, path)
        }
        let end = ContinuousClock.now + Self.cancelLimit
        while ContinuousClock.now < end {
            let found = try await ask { () throws(StoreError) in try await opened.store.run(id) }
            if let record = found?.record, record.state == .finished { return record }
            // A cancelled sleep shortens the wait.
            try? await Task.sleep(for: Self.cancelPoll)
        }
        throw CommandError(
            .tryAgain, "run \(id) has not ended within \(Self.cancelLimit.components.seconds) s",
            hint: "`almanac show \(id)` shows it")
    }

    /// A request ends at once when it is given up; its end is recorded when the store answers.
    private static let cancelLimit: Duration = .seconds(30)
    private static let cancelPoll: Duration = .milliseconds(50)
}
