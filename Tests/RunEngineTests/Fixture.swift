import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Scheduling
import Testing

/// 2026-03-01T00:00:00Z, and instants by their seconds after it.
let testStart = Instant(seconds: 1_772_323_200)

func at(_ seconds: Double) -> Instant {
    testStart + .microseconds(Int64(seconds * 1_000_000))
}

/// Zones of which each is UTC.
struct OnlyUTC: ZoneSource {
    let dataVersion: String? = nil
    let machineZone: Zone? = nil
    func zone(named name: String) throws(ZoneLookupError) -> Zone { .utc }
}

/// The job of a `.cron` line, whose name is `a` unless the line says more.
func makeJob(_ options: String = "", when: String = "* * * * *", name: String = "a") throws -> Job {
    let line = "\(when) \(name): POST /x \(options)"
    let file = ScheduleFile(Array(line.utf8), file: "t.cron", zones: OnlyUTC(), now: testStart)
    return try #require(file.jobs.first, "\(file.diagnostics.map(\.rendered))")
}

func runID(_ job: Job, _ seconds: Double) -> RunID { RunID(job: job.name, scheduledFor: at(seconds)) }

func answered(_ status: Int, retryAfter: String? = nil) -> Exchange {
    Exchange(result: .answered(HTTPAnswer(status: status, retryAfter: retryAfter)), elapsed: .zero)
}

let storeAway = StoreError(.unreachable, "away")

/// A scheduler and what it wants, with a store that answers as the test says.
struct Bench {
    var scheduler: Scheduler
    var effects: [Effect] = []

    init(
        _ jobs: [Job], considered seconds: Double = 0, at start: Double = 0,
        settings: EngineSettings = EngineSettings()
    ) {
        scheduler = Scheduler(host: HostID("h/1"), settings: settings)
        load(jobs, at: start, considered: seconds)
    }

    mutating func take(_ event: Event, at seconds: Double) {
        effects = scheduler.handle(event, at: RunEngineTests.at(seconds)).filter {
            switch $0 {
            case .takeOver, .renew, .inForce, .lost: false
            case .run, .cancel, .record, .register, .compareClocks, .ended, .drained: true
            }
        }
    }

    mutating func load(_ jobs: [Job], at seconds: Double, considered: Double, abandoned: [AbandonedRun] = [])
    {
        let catalog = Catalog(jobs: jobs, zoneData: nil)
        let marks = Dictionary(uniqueKeysWithValues: jobs.map { ($0.name, RunEngineTests.at(considered)) })
        take(.loaded(RegisteredCatalog(catalog, watermarks: marks, abandoned: abandoned)), at: seconds)
    }

    mutating func wake(_ seconds: Double) { take(.woke, at: seconds) }

    /// The runs that are to be claimed now.
    var claims: [RunID] {
        effects.compactMap { if case .run(let id, _, .write(.claim)) = $0 { id } else { nil } }
    }

    /// The rows that are to be recorded now, as `second outcome reason`, with the number of occurrences when not 1.
    var rows: [String] {
        effects.flatMap { effect -> [RunRecord] in
            if case .record(_, let rows) = effect { rows } else { [] }
        }.map { row in
            let seconds = row.scheduledFor.map { ($0 - testStart).components.seconds } ?? -1
            let text = "\(seconds) \(row.outcome?.rawValue ?? "") \(row.reason?.rawValue ?? "")"
            return row.occurrences == 1 ? text : text + " ×\(row.occurrences)"
        }
    }

    var sends: Int { effects.count { if case .run(_, _, .send) = $0 { true } else { false } } }

    var retries: Int {
        effects.count { if case .run(_, _, .write(.awaitRetry)) = $0 { true } else { false } }
    }

    /// The outcomes that are to be recorded now.
    var completions: [Completion] {
        effects.compactMap { if case .run(_, _, .write(.finish(_, let end))) = $0 { end } else { nil } }
    }

    /// The outcome that is to be recorded before anything else is done.
    var nextCompletion: Completion? {
        if case .run(_, _, .write(.finish(_, let end)))? = effects.first { end } else { nil }
    }

    /// Wakes the scheduler when an occurrence is due, and brings its run to its request.
    @discardableResult
    mutating func begin(_ job: Job, at seconds: Double, fence: Int64 = 1) -> RunID {
        wake(seconds)
        let id = runID(job, seconds)
        startRequest(id, at: seconds, fence: fence)
        return id
    }

    /// Brings a run from its claim to its request.
    mutating func startRequest(_ id: RunID, at seconds: Double, fence: Int64 = 1) {
        answerClaim(of: id, .claimed(OwnedRun(id: id, fence: fence)), at: seconds)
    }

    mutating func answerClaim(of id: RunID, _ answer: ClaimAnswer, at seconds: Double) {
        take(.run(id, .written(.success(.claim(answer)))), at: seconds)
    }

    mutating func failClaim(of id: RunID, at seconds: Double) {
        take(.run(id, .written(.failure(storeAway))), at: seconds)
    }

    /// The store has recorded the rows of a job, none of which another host had decided.
    mutating func confirmRows(of job: Job, at seconds: Double) {
        take(.recorded(job.name, .success([:])), at: seconds)
    }

    /// Ends the request of a run and records its outcome.
    mutating func end(_ id: RunID, _ exchange: Exchange = answered(200), at seconds: Double) {
        take(.run(id, .exchanged(exchange)), at: seconds)
        take(.run(id, .written(.success(.owner(true)))), at: seconds)
    }
}
