package import CivilTime
package import Records
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
        case (.claim, .claim(.claimed(let owned))): self.init(taken: write, fence: owned.fence)
        case (.claim(let claim), .claim(.paused(let pause))) where claim.run.scheduledFor != nil:
            self.init(write: .record([claim.run.skipped(for: pause)]), fence: nil)
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

    /// A write that the store has taken, a claim with the fence that it was answered.
    package init(taken write: StoreWrite, fence: Int64?) {
        guard case .claim(var claim) = write else {
            self.init(write: write, fence: nil)
            return
        }
        // It was made, whatever pause or other run is there when it is asked again.
        claim.ignoresPause = true
        claim.isExclusive = false
        self.init(write: .claim(claim), fence: fence)
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
    /// Rows of occurrences that were decided without a request, and are not there: they are recorded when no host has told of a
    /// run of them. They show no loss: another host's row may stand for their occurrences, or one that a pause made.
    package private(set) var rows: [RunRecord] = []
    /// What an earlier daemon was killed over: it had asked for a decision, and the store knows of none.
    package var unanswered: [RunRecord] = []
    /// How many runs it is about.
    package var runs: Int { lost.count }
    /// The jobs that these are of.
    package private(set) var jobs: Set<JobName> = []
    private var lost: Set<RunID> = []

    /// How far back a store that has forgotten a job knows it again: what was decided in that time is delivered again, so that
    /// hosts which share the store learn of it, and what is older nobody asks for again.
    package static let historyMax: Duration = .seconds(60)

    /// What is missing of `kept`, the oldest first, in a store that has these `holdings`, by run, and that knows its jobs
    /// `since` then; nil: since ever.
    ///
    /// A row that is gone, or that has an older fence than the store has given, is written anew with all that followed. One
    /// with a newer fence is somebody else's by now, who may not know its end; one that another host has under an older fence
    /// was decided twice, which comes out when it is delivered.
    package init(
        _ kept: [KeptWrite], _ holdings: [RunID: RunHolding], host: HostID, since: [JobName: Instant]? = nil
    ) {
        func isKnown(_ run: RunRecord) -> Bool {
            guard let since else { return true }
            guard let begin = since[run.job] else { return false }
            return run.scheduledUntil ?? run.scheduledFor ?? run.createdAt > begin
        }
        let fences = Self.fences(kept)
        let kept = Self.once(kept)
        let last = Self.last(kept)
        var (unknown, recorded, ended): (Set<RunID>, Set<RunID>, Set<RunID>) = ([], [], [])
        for kept in kept {
            if case .record(let rows) = kept.write {
                // Kept again when it was recorded again, and left out because another row stands for its occurrence.
                self.rows += rows.filter { row in
                    holdings[row.id] == nil && isKnown(row) && recorded.insert(row.id).inserted
                }
                continue
            }
            guard let id = kept.write.owned?.id, let fence = fences[id], !unknown.contains(id) else {
                continue
            }
            if case .claim(let claim) = kept.write, holdings[id] == nil, !isKnown(claim.run) {
                unknown.insert(id)
                continue
            }
            if let holding = holdings[id] {
                let isNewer = holding.fence > fence
                if isNewer, holding.host != host {
                    // Another host took it over before this one could tell that, and calls it lost.
                    if case .finish(_, let end) = kept.write, end.mayCorrect(holding) {
                        lost.insert(id)
                        writes.append(kept.write)
                    }
                    continue
                }
                // A store that holds what came last holds what came before, also what looks different by now. One that this host
                // has under a newer proof it has by a claim whose answer it never heard.
                let isHeld =
                    holding.host == host && holding.fence >= fence
                    && (isNewer ? [last[id] ?? kept] : [kept, last[id] ?? kept]).contains {
                        holding.holds($0.write, of: host)
                    }
                if isHeld, !lost.contains(id) { continue }
            }
            lost.insert(id)
            if case .claim(let claim) = kept.write { jobs.insert(claim.run.job) }
            // Whoever took the run over from a store that had lost its end could only call it lost.
            if ended.contains(id) { continue }
            if kept.write.isKnownEnd { ended.insert(id) }
            // A part may have been delivered again before, and have given the run another proof.
            let given = holdings[id].flatMap { $0.host == host ? $0.fence : nil }
            writes.append(kept.write.owned(as: OwnedRun(id: id, fence: given ?? fence)))
        }
        jobs.formUnion(rows.map(\.job))
    }

    /// The fence that the store gave for each run last: it may be less than one before, of a store that has lost that.
    private static func fences(_ kept: [KeptWrite]) -> [RunID: Int64] {
        var fences: [RunID: Int64] = [:]
        for write in kept {
            guard let id = write.write.owned?.id, let fence = write.fence ?? write.write.owned?.fence else {
                continue
            }
            if write.fence != nil || fences[id] == nil { fences[id] = fence }
        }
        return fences
    }

    /// What is kept of each run last; nothing comes after an end that is known.
    private static func last(_ kept: [KeptWrite]) -> [RunID: KeptWrite] {
        var last: [RunID: KeptWrite] = [:]
        for kept in kept {
            guard let id = kept.write.owned?.id, last[id]?.write.isKnownEnd != true else { continue }
            last[id] = kept
        }
        return last
    }

    /// Without what is about these runs; whether there was something.
    mutating func leave(_ busy: Set<RunID>) -> Bool {
        let before = writes.count
        var left: Set<RunID> = []
        writes.removeAll { write in
            let runs = KeptWrite(write: write, fence: nil).runs
            guard !busy.isDisjoint(with: runs) else { return false }
            left.formUnion(runs)
            return true
        }
        lost.subtract(left)
        return writes.count < before
    }

    /// What was delivered again was kept again: its place is the first.
    private static func once(_ kept: [KeptWrite]) -> [KeptWrite] {
        var seen: [RunID: [StoreWrite]] = [:]
        return kept.filter { kept in
            guard let id = kept.write.owned?.id else { return true }
            let write = kept.write.owned(as: OwnedRun(id: id, fence: 0))
            if seen[id]?.contains(write) == true { return false }
            seen[id, default: []].append(write)
            return true
        }
    }
}

extension StoreWrite {
    /// Whether it is the end of a run, with what became of it.
    fileprivate var isKnownEnd: Bool {
        if case .finish(_, let end) = self { end.outcome != .unknown } else { false }
    }

    /// The rows that it decides of occurrences, one each.
    package var decisions: [RunRecord] {
        switch self {
        case .claim(let claim): [claim.run].filter { $0.scheduledFor != nil && !$0.isDryRun }
        case .record(let rows): rows.filter { $0.scheduledFor != nil && !$0.isDryRun && $0.occurrences == 1 }
        case .register, .startAttempt, .awaitRetry, .finish, .note: []
        }
    }
}

extension RunRecord {
    /// The row of an occurrence whose decision was lost before its request could be made; one that was decided otherwise stays
    /// so.
    func lost() -> RunRecord {
        guard state != .finished else { return self }
        var row = self
        row.trigger = .schedule
        row.state = .finished
        row.outcome = .missed
        row.reason = .down
        row.detail = "its daemon was killed while it asked for the run, and the database has lost that"
        row.finishedAt = createdAt
        row.attempts = 0
        row.startedAt = nil
        return row
    }
}
