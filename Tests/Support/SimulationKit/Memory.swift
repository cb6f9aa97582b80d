import CivilTime
import JobCatalog
import Records
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
    /// The definitions that it was given, by their hash.
    private var definitions: [String: [Force]] = [:]

    /// When a definition was in force on a host: what is due after `from`, and not after `until`.
    private struct Force {
        var from: Instant
        var until: Instant?
    }

    mutating func take(_ event: Event, at wall: Instant) {
        if latestSeen < wall { seen.append(wall) }
        switch event {
        case .run(let id, .written(.success(.claim(.claimed)))),
            .run(let id, .written(.success(.claim(.paused)))),
            .run(let id, .written(.success(.claim(.alreadyDecided)))):
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

    /// The definitions of a catalog are in force from now on, when the clock shows `wall`: those that were not yet for
    /// what is due after `from`. Others are not any more.
    mutating func load(_ catalog: Catalog, at wall: Instant, from: (JobName) -> Instant) {
        let shown = max(latestSeen, wall)
        var current: Set<String> = []
        for job in catalog.jobs where job.isEnabled {
            let hash = catalog.configHash(of: job)
            current.insert(hash)
            if definitions[hash]?.last.map({ $0.until != nil }) ?? true {
                definitions[hash, default: []].append(Force(from: from(job.name)))
            }
        }
        for (hash, forces) in definitions where !current.contains(hash) && forces.last?.until == nil {
            definitions[hash]?[forces.count - 1].until = shown
        }
    }

    /// Whether a definition was in force here when something fell due; true for one that is not known.
    func wasInForce(_ hash: String, at due: Instant) -> Bool {
        definitions[hash]?.contains { $0.from < due && $0.until.map { due <= $0 } ?? true } ?? true
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

/// Who asks the store and the API: the daemon of a host in one of its lives, or a command that runs a job by hand.
enum Asker: Hashable {
    case daemon(host: Int, life: Int)
    case command(RunID)
}

/// The store's word that somebody may begin an attempt.
struct Grant: Hashable {
    let attempt: AttemptKey
    let asker: Asker
}

/// What the checks remember of occurrences over the whole life of a world.
struct Sightings {
    /// The attempts whose request may have been sent.
    var sent: Set<AttemptKey> = []
    /// The attempts that the store let somebody begin.
    var granted: Set<Grant> = []
    /// When a run of an occurrence was to start, as it was first said.
    var dueAt: [RunID: Instant] = [:]
    /// When boots were to be told, by the clocks of their hosts.
    var boots: [Instant] = []
    /// Boots that another came after before they were decided.
    var replacedBoots: [Instant] = []
    /// The hosts that were asked for a run, which they alone may make.
    var asked: [RunID: Asker] = [:]
    /// Runs that were under way when the store's clock was set ahead: their leases end before their owners can know.
    var leasesCut: Set<RunID> = []

    // Of outages.

    /// The hosts that the store gave a run to.
    var owners: [RunID: Set<Int>] = [:]
    /// The runs that hosts claimed without the store.
    var claimedAlone: [RunID: RunRecord] = [:]
    /// The runs of which something began without the store.
    var bridged: Set<RunID> = []
    /// The runs of which the store has forgotten something.
    var forgotten: Set<RunID> = []
    /// Rows that the store has forgotten, and nobody can tell it again.
    var untold: [RunRecord] = []
    /// What hosts were told is recorded.
    var facts: [World.Fact] = []
    /// What hosts said that they set aside.
    var aside: [(host: Int, what: String, problem: String)] = []

    /// Nothing of a request was sent: its attempt may send it again.
    mutating func notSent(_ request: World.Request) {
        sent.remove(AttemptKey(run: request.run, number: request.attempt))
    }
}
