import Glibc
import StandInAPI
import Synchronization

/// A deployment in which a phase is played: what it does to the daemons and their database, one turn after the other.
final class Stage: Sendable {
    let deployment: Deployment
    let hosts = Hosts()
    let clock: Clock?
    private let before: String?
    private let mark = Mutex(0)

    init(deployment: Deployment, clock: Clock?, before: String?) {
        self.deployment = deployment
        self.clock = clock
        self.before = before
    }

    /// So many of the API's requests were made before the store forgot everything.
    var forgotten: Int {
        get { mark.withLock { $0 } }
        set { mark.withLock { $0 = newValue } }
    }

    /// A daemon of that number, the second with the clock that is set.
    func daemon(_ number: Int, isBefore: Bool = false) -> Daemon {
        let environment = number == 2 ? clock?.environment : nil
        return deployment.daemon(
            number, settings: environment ?? [:],
            program: isBefore ? before ?? "" : Deployment.program("almanac"))
    }

    /// Does what the phase is, and undoes it; answers what is wrong with what came of it.
    func play(_ phase: Phase, turn: Int) async throws -> [String] {
        let isOdd = turn % 2 == 1
        switch phase {
        case .clocks: try await moveClock()
        case .clockAhead: try await setClockAhead()
        case .readOnly: try await allowOnlyReading(ofServer: isOdd)
        case .tablespace: try await fillTablespace()
        case .rights: try await revoke(turn)
        case .schema: try await remakeSchema()
        case .slots: try await useSlotsUp()
        case .clones: return try await clone()
        case .versions: try await changeVersions()
        case .rewind: try await rewind()
        }
        return []
    }

    /// Waits until runs are made.
    func goesOn() async throws {
        let seen = deployment.api.requests().count
        try await wait(until: "requests are made") { deployment.api.requests().count > seen + 5 }
    }

    /// Waits until a daemon's log has another line with one of these; what was to be felt was felt then.
    func feels(_ signs: [String], _ body: () async throws -> Void) async throws {
        func count() -> Int { signs.reduce(0) { $0 + deployment.logLines($1) } }
        let before = count()
        try await body()
        try await wait(until: "a daemon says “\(signs.joined(separator: "” or “"))”") { count() > before }
    }

    /// Lets the daemons be killed while what was done lasts.
    func endure(_ seconds: Int = 5) async throws {
        hosts.doom([1, 2])
        try await Task.sleep(for: .seconds(seconds))
    }
}
