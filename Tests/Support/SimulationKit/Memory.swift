import CivilTime
import RunEngine
import RunModel

/// What the checks remember of one life of a host.
struct Memory {
    /// What its wall clock has shown when it showed more than ever before.
    private var seen: [Instant] = []
    /// When it was asked to stop, in true time.
    var stopAskedAt: Instant?
    /// The runs that it asked the store for.
    var claimed: Set<RunID> = []
    /// The attempts that it began to record.
    var begun: Set<AttemptKey> = []
    /// The occurrences whose decision, by it or by another, the store has acknowledged to it.
    private var decided: Set<RunID> = []
    private var recording: [JobName: [RunID]] = [:]

    mutating func take(_ event: Event, at wall: Instant) {
        if latestSeen < wall { seen.append(wall) }
        switch event {
        case .run(let id, .claimAnswered(.success(.claimed))),
            .run(let id, .claimAnswered(.success(.paused))),
            .run(let id, .claimAnswered(.success(.alreadyDecided))):
            decided.insert(id)
        case .recorded(let job, .success):
            for id in recording.removeValue(forKey: job) ?? [] { decided.insert(id) }
        default: break
        }
    }

    /// The rows that go to the store; of a row of several occurrences the store may want a part again.
    mutating func recording(_ rows: [RunRecord], of job: JobName) {
        recording[job] = rows.filter { $0.occurrences == 1 }.map(\.id)
    }

    func knowsDecided(_ id: RunID) -> Bool { decided.contains(id) }

    /// The latest that its wall clock has shown.
    var latestSeen: Instant { seen.last ?? .earliest }

    /// What the clock showed when it first showed more than `instant`; nil when it never did.
    func firstSeen(after instant: Instant) -> Instant? {
        var range = seen.startIndex..<seen.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = seen[middle] > instant ? range.lowerBound..<middle : (middle + 1)..<range.upperBound
        }
        return range.lowerBound < seen.endIndex ? seen[range.lowerBound] : nil
    }
}

/// An attempt of a run.
struct AttemptKey: Hashable {
    let run: RunID
    let number: Int
}

/// The store's word that a host may begin an attempt.
struct Grant: Hashable {
    let attempt: AttemptKey
    let host: Int
    let life: Int
}

/// What the checks remember of occurrences over the whole life of a world.
struct Sightings {
    /// The attempts whose request may have been sent.
    var sent: Set<AttemptKey> = []
    /// The attempts that the store let a host begin, in one of its lives.
    var granted: Set<Grant> = []
    /// When a run of an occurrence was to start, as it was first said.
    var dueAt: [RunID: Instant] = [:]

    /// Nothing of a request was sent: its attempt may send it again.
    mutating func notSent(_ request: World.Request) {
        sent.remove(AttemptKey(run: request.run, number: request.attempt))
    }
}
