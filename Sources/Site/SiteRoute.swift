import RunModel

/// What a path of the site stands for.
enum SiteRoute: Equatable {
    case jobs
    case runs
    case run(RunID.Beginning)
    case cancel(RunID)
    case job(JobName)
    case runNow(JobName)
    /// nil: all jobs.
    case pause(JobName?)
    case resume(JobName?)
    case status
    case launch
    case checklist
    case signIn
    case signOut
    case zone
    case updates
    case calendar

    /// What a path stands for; nil when for nothing of the site.
    init?(_ path: [String]) {
        switch path.count {
        case 0: self = .jobs
        case 1: self.init(word: path[0])
        case 2 where path == ["launch", "check"]: self = .checklist
        case 2 where path[0] == "runs":
            guard let run = RunID.Beginning(path[1]) else { return nil }
            self = .run(run)
        case 3 where path[0] == "runs" && path[2] == "cancel":
            guard let run = RunID(path[1]) else { return nil }
            self = .cancel(run)
        case 2...3 where path[0] == "jobs":
            guard let job = JobName(path[1]) else { return nil }
            switch path.count == 3 ? path[2] : "" {
            case "" where path.count == 2: self = .job(job)
            case "run": self = .runNow(job)
            case "pause": self = .pause(job)
            case "resume": self = .resume(job)
            default: return nil
            }
        default: return nil
        }
    }

    private init?(word: String) {
        switch word {
        case "runs": self = .runs
        case "status": self = .status
        case "launch": self = .launch
        case "pause": self = .pause(nil)
        case "resume": self = .resume(nil)
        case "sign-in": self = .signIn
        case "sign-out": self = .signOut
        case "zone": self = .zone
        case "updates": self = .updates
        case "calendar.ics": self = .calendar
        default: return nil
        }
    }

    /// Whether a form is sent to it.
    var isForm: Bool {
        switch self {
        case .cancel, .runNow, .pause, .resume, .checklist, .signIn, .signOut, .zone, .updates: true
        case .jobs, .runs, .run, .job, .status, .launch, .calendar: false
        }
    }

    /// Whether the page itself is for those alone who may act.
    var needsWrite: Bool {
        switch self {
        case .cancel, .runNow, .pause, .resume, .checklist: true
        case .jobs, .runs, .run, .job, .status, .launch, .signIn, .signOut, .zone, .updates, .calendar: false
        }
    }
}
