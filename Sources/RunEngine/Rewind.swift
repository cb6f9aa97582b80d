package import RunModel

/// A write that the store has taken, as a host keeps it for a while: a store that is restored, or a standby that is promoted,
/// may have lost it.
package struct KeptWrite: Sendable, Equatable {
    /// With the proof of ownership that the store took.
    package var write: StoreWrite
    /// The fence that a claim was answered; nil of any other write.
    package var fence: Int64?

    package init(write: StoreWrite, fence: Int64?) {
        self.write = write
        self.fence = fence
    }

    /// What is to be kept of a write that the store has answered: one that changed something and is about runs; nil for others.
    package init?(_ write: StoreWrite, _ answer: StoreAnswer) {
        switch (write, answer) {
        case (.claim(var claim), .claim(.claimed(let owned))):
            // It was made, whatever pause or other run is there when it is asked again.
            claim.ignoresPause = true
            claim.isExclusive = false
            self.init(write: .claim(claim), fence: owned.fence)
        case (.startAttempt, .owner(true)), (.awaitRetry, .owner(true)), (.finish, .owner(true)):
            self.init(write: write, fence: nil)
        case (.record(let rows), .recorded(let leftOut)):
            let rows = rows.filter { leftOut[$0.id] == nil && $0.occurrences == 1 }
            guard !rows.isEmpty else { return nil }
            self.init(write: .record(rows), fence: nil)
        case (.register, _), (.claim, _), (.startAttempt, _), (.awaitRetry, _), (.finish, _), (.record, _),
            (.note, _):
            return nil
        }
    }

    /// A run that was taken over, as if it had been claimed: a store that has lost the takeover may have lost the run as well.
    package init(takenOver run: AbandonedRun, lease: Duration) {
        let claim = Claim(run: run.record, isExclusive: false, ignoresPause: true, lease: lease)
        self.init(write: .claim(claim), fence: run.owned.fence)
    }

    /// The runs that it is about.
    package var runs: [RunID] {
        if case .record(let rows) = write { return rows.map(\.id) }
        return write.owned.map { [$0.id] } ?? []
    }
}

/// What a store has lost of what it had taken.
package struct Rewind: Sendable, Equatable {
    /// What is to be delivered again, in its order.
    package private(set) var writes: [StoreWrite] = []
    /// How many runs it is about.
    package private(set) var runs = 0

    /// What is missing of `kept`, the oldest first, in a store that has these `holdings`, by run.
    ///
    /// A row that is gone, or that has an older fence than the store has given, is written anew with all that followed. One
    /// with a newer fence is somebody else's by now.
    package init(_ kept: [KeptWrite], _ holdings: [RunID: RunHolding], host: HostID) {
        var fences: [RunID: Int64] = [:]
        for write in kept {
            guard let id = write.write.owned?.id, let fence = write.fence ?? write.write.owned?.fence else {
                continue
            }
            fences[id] = max(fences[id] ?? fence, fence)
        }
        var lost: Set<RunID> = []
        for kept in kept {
            if case .record(let rows) = kept.write {
                let missing = rows.filter { holdings[$0.id] == nil }
                guard !missing.isEmpty else { continue }
                lost.formUnion(missing.map(\.id))
                writes.append(.record(missing))
                continue
            }
            guard let id = kept.write.owned?.id, let fence = fences[id] else { continue }
            if let holding = holdings[id] {
                guard holding.fence <= fence else { continue }
                let isHeld =
                    holding.fence == fence
                    && (holding.state == .finished || holding.holds(kept.write, of: host))
                if isHeld, !lost.contains(id) { continue }
            }
            lost.insert(id)
            writes.append(kept.write)
        }
        runs = lost.count
    }
}
