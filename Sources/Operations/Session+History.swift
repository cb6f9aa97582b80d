package import Records
package import RunModel

/// A question for recorded runs, which can be asked again and again.
package struct History: Sendable {
    /// Where the records are, for people.
    package let place: String
    private let ask: @Sendable () async throws(CommandError) -> [RunRecord]

    init(place: String, ask: @escaping @Sendable () async throws(CommandError) -> [RunRecord]) {
        self.place = place
        self.ask = ask
    }

    /// The runs, newest first.
    package func runs() async throws(CommandError) -> [RunRecord] { try await ask() }
}

extension Session {
    /// The runs that `query` asks for, of the job called `text`, or of all.
    package func history(_ query: HistoryQuery, of text: String?) async throws(CommandError) -> History {
        var query = query
        if asksService {
            query.job = try text.map { text throws(CommandError) in try jobName(text) }
            return History(place: Self.servicePlace) { [query] () async throws(CommandError) in
                try await historyOfService(query)
            }
        }
        let opened = try await openRecords()
        if let text { query.job = try await knownJob(text, in: opened) }
        return History(place: opened.place) { [query] () async throws(CommandError) in
            try await ask { () throws(StoreError) in try await opened.store.history(query) }
        }
    }
}
