import CivilTime
import Records

/// Two daemons of one identity, and one that starts again.
let instanceChecks = [
    StoreCheck("two instances of one identity that take turns are told of each other, a first one of nobody")
    {
        bench in
        let store = try await bench.open()
        try expectEqual(try await store.beat("a"), nil, "the first is alone")
        try expectEqual(try await store.beat("a"), nil, "it is still")
        let first = try await store.seenAt()
        try expectEqual(try await store.beat("b"), first, "the second finds the first")
        try expectEqual(try await store.beat("b"), first, "it remembers")
        let last = try await store.seenAt()
        try expectEqual(try await bench.open().beat("a"), last, "the first finds the second")
    },
    StoreCheck("an instance that is known to be gone does not count as another, and does not hide another") {
        bench in
        let store = try await bench.open()
        _ = try await store.beat("a")
        try expectEqual(try await store.beat("b", former: "a"), nil, "the former one is gone")
        try expectEqual(try await store.beat("b", former: "a"), nil, "it stays so")
        let seen = try await store.seenAt()
        try expectEqual(try await store.beat("c", former: "a"), seen, "another than the former one")
        try expectEqual(try await store.beat("d", former: "c"), seen, "the one that the former one met")
    },
    StoreCheck("an instance that stopped in order does not count as another") { bench in
        let store = try await bench.open()
        _ = try await store.beat("a")
        _ = try await store.beat("a", isStopping: true)
        try expectEqual(try await store.beat("b"), nil, "after the stop")
    },
    StoreCheck("a program that writes no instance is told from this one by its start") { bench in
        let store = try await bench.open()
        _ = try await store.beat("a")
        // What it leaves of the row is what was there.
        _ = try await store.beat("a", startedAt: StoreBench.midnight)
        let seen = try await store.seenAt()
        try expectEqual(try await store.beat("a"), seen, "another start")
    },
    StoreCheck("instances of different hosts have nothing to do with each other") { bench in
        let store = try await bench.open()
        _ = try await store.beat("a")
        _ = try await store.heartbeat(
            StoreBench.heartbeat(of: StoreBench.there, DaemonInstance(number: "b")))
        try expectEqual(try await store.hosts().map(\.otherSeenAt), [nil, nil], "others")
    },
]

extension HostStore {
    /// The host says that it is there; answers when the store saw another instance of it.
    fileprivate func beat(
        _ number: String, former: String? = nil, isStopping: Bool = false, startedAt: Instant? = nil
    ) async throws -> Instant? {
        var heartbeat = StoreBench.heartbeat(DaemonInstance(number: number, former: former))
        heartbeat.isStopping = isStopping
        if let startedAt { heartbeat.startedAt = startedAt }
        return try await self.heartbeat(heartbeat).first { $0.host == StoreBench.here }?.otherSeenAt
    }
}

extension DeliveryStore {
    /// When the store saw the host last.
    fileprivate func seenAt() async throws -> Instant {
        guard let host = try await hosts().first(where: { $0.host == StoreBench.here }) else {
            throw Violation(description: "a host that says that it is there is not")
        }
        return host.seenAt
    }
}
