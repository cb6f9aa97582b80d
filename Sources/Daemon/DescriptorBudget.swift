import StatusServer

/// How many requests and connections a limit of open files has room for: whoever asks the daemon must not take from its requests.
struct DescriptorBudget: Equatable {
    /// How many descriptors may be open.
    let limit: Int
    /// How many requests at once may be made; 1 or more.
    let requests: Int
    /// How many connections each listener takes.
    let connections: Int

    /// What a daemon has open that does nothing: streams, the store and the journal, threads, timers, watches, listeners.
    static let least = 32
    /// A request has a connection, and two more while the name of its host is looked up.
    private static let perRequest = 3
    private static let listeners = 2

    init(limit: Int, requestsMax: Int) {
        self.limit = limit
        let rest = max(0, limit - Self.least)
        // Where it does not suffice for all, requests and connections have a half each.
        let half = limit < Self.wanted(forRequests: requestsMax) ? rest / 2 : rest
        requests = min(requestsMax, max(1, half / Self.perRequest))
        connections = min(Limits.connectionsMax, max(2, (rest - Self.perRequest * requests) / Self.listeners))
    }

    /// The limit that suffices for so many requests.
    static func wanted(forRequests count: Int) -> Int {
        least + perRequest * count + listeners * Limits.connectionsMax
    }
}
