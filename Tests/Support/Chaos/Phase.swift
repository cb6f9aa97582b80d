import ArgumentParser
import Glibc

/// What somebody or something does to a deployment for a while and then undoes, while its daemons are killed.
enum Phase: String, CaseIterable, Sendable, ExpressibleByArgument {
    /// The clock of a host is set back by half a minute, and forward by two seconds.
    case clocks
    /// The clock of a host is an hour ahead for some seconds.
    case clockAhead = "clock-ahead"
    /// The database may only be read, by its own setting and by the server's.
    case readOnly = "read-only"
    /// The disk of the database's tablespace is full.
    case tablespace
    /// The daemons' role may not write, or not log in.
    case rights
    /// The schema is dropped and made anew.
    case schema
    /// Others have all connections that the server allows.
    case slots
    /// A daemon runs with a copy of another one's state directory.
    case clones
    /// Hosts of the version before share the database with those of this one, and take it in their turn.
    case versions
    /// The database is put back to what it was some seconds before.
    case rewind

    /// Those that are played when none is named. The other needs a program.
    static let usual: [Phase] = [
        .clocks, .clockAhead, .readOnly, .tablespace, .rights, .schema, .slots, .clones, .rewind,
    ]

    /// Why it cannot be played here; nil when it can.
    func obstacle(before: String?) -> String? {
        switch self {
        case .tablespace where getuid() != 0: "only root can give the server a small disk"
        case .clocks where !Clock.isPossible, .clockAhead where !Clock.isPossible:
            "no C compiler, cc, is installed"
        case .versions where before == nil: "it needs --before PATH, the program of the version before"
        case .clocks, .clockAhead, .readOnly, .tablespace, .rights, .schema, .slots, .clones, .versions,
            .rewind:
            nil
        }
    }

    /// What the server has of its own.
    var settings: [String] {
        switch self {
        // Of these three are the administrator's.
        case .slots: ["max_connections=12", "superuser_reserved_connections=3"]
        case .clocks, .clockAhead, .readOnly, .tablespace, .rights, .schema, .clones, .versions, .rewind: []
        }
    }

    /// The kibibytes of the disk that the server has beside its own; nil for none.
    var disk: Int? { self == .tablespace ? 48 * 1024 : nil }

    /// The jobs.
    var schedule: Schedule {
        switch self {
        // What was asked of the API before the schema was gone is not on record, nor could a later attempt be.
        case .schema: Schedule(jobs: ["skip", "allow", "queue"])
        // A run that is answered late, and is not late.
        case .clones: Schedule(timeoutSeconds: 60)
        case .clocks, .clockAhead, .readOnly, .tablespace, .rights, .slots, .versions, .rewind: Schedule()
        }
    }

    /// The rules that compare what clocks of different hosts have shown.
    var ignoredRules: Set<String> {
        switch self {
        case .clocks, .clockAhead: [Deployment.startsNotEarly, Deployment.runsOneAtATime]
        case .readOnly, .tablespace, .rights, .schema, .slots, .clones, .versions, .rewind: []
        }
    }
}
