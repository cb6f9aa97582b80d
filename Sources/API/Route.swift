import RunModel

/// What a path of the API stands for.
enum Route: Equatable {
    case description
    case jobs
    case job(JobName)
    case next(JobName)
    case why(JobName)
    case runsOf(JobName)
    case pauseOf(JobName)
    case pauseOfAll
    case runs
    case run(RunID.Beginning)
    case cancel(RunID)
    case hosts
    case audit

    /// What a path stands for; nil when for nothing.
    init?(_ path: [String]) {
        switch path.count {
        case 1 where path[0] == "openapi.json": self = .description
        case 2... where path[0] == "v1": self.init(version1: path.dropFirst().map(\.self))
        default: return nil
        }
    }

    private init?(version1 path: [String]) {
        switch (path[0], path.count) {
        case ("jobs", 1): self = .jobs
        case ("jobs", 2...3):
            guard let job = JobName(path[1]) else { return nil }
            switch path.count == 3 ? path[2] : "" {
            case "" where path.count == 2: self = .job(job)
            case "next": self = .next(job)
            case "why": self = .why(job)
            case "runs": self = .runsOf(job)
            case "pause": self = .pauseOf(job)
            default: return nil
            }
        case ("pause", 1): self = .pauseOfAll
        case ("runs", 1): self = .runs
        case ("runs", 2...3):
            if path.count == 2, let beginning = RunID.Beginning(path[1]) {
                self = .run(beginning)
            } else if path.count == 3, path[2] == "cancel", let run = RunID(path[1]) {
                self = .cancel(run)
            } else {
                return nil
            }
        case ("hosts", 1): self = .hosts
        case ("audit", 1): self = .audit
        default: return nil
        }
    }

    /// What may be asked of it.
    var methods: [String] {
        switch self {
        case .description, .jobs, .job, .next, .why, .runs, .run, .hosts, .audit: ["GET", "HEAD"]
        case .runsOf, .cancel: ["POST"]
        case .pauseOf, .pauseOfAll: ["PUT", "DELETE"]
        }
    }

    /// What somebody must be allowed for any answer.
    var right: Access.Right {
        switch self {
        case .description, .jobs, .job, .next, .why, .runs, .run, .hosts: .look
        case .audit: .read
        case .runsOf, .pauseOf, .pauseOfAll, .cancel: .write
        }
    }
}
