package import API
package import CivilTime
package import JobCatalog
package import Pages
package import RunEngine
package import RunModel

/// What the pages ask of the daemon, beside what the API asks.
package protocol SiteSource: APISource {
    /// The jobs that a filter leaves, a page of them, those that need somebody first.
    func listing(_ filter: JobsPage.Filter, now: Instant) -> ListedJobs

    /// How the service is, with its jobs that are not well.
    func report(now: Instant) -> HealthReport

    /// What is told of the service beside its jobs.
    func about(now: Instant) -> AboutService

    /// The name of a user of this host, else their number.
    func name(ofUser user: UInt32) -> String

    /// What was found when the schedule files were read last, and how many findings are left out.
    func diagnostics(atMost: Int) -> (found: [Diagnostic], leftOut: Int)

    /// The jobs of the catalog in the order of their names, at most so many.
    func jobs(atMost: Int) -> [Job]

    /// Whether each occurrence of the last day has its row, as far as that is known; old knowledge is renewed meanwhile.
    func audit(now: Instant) -> JobsPage.Audit

    /// What is known of the launch checklist.
    func preflight() async -> (state: LaunchPage.Preflight, manualSteps: [String])

    /// Goes through the launch checklist, meanwhile.
    func goThroughChecklist()
}

/// A page of the jobs.
package struct ListedJobs: Sendable {
    /// Those that need somebody, the worst first, at most `JobsPage.needsMax`.
    package var needs: [JobStatus]
    package var totals: JobsPage.Totals
    /// A page of those that the filter leaves.
    package var jobs: [JobStatus]
    /// How many the filter leaves.
    package var matching: Int

    package init(needs: [JobStatus], totals: JobsPage.Totals, jobs: [JobStatus], matching: Int) {
        self.needs = needs
        self.totals = totals
        self.jobs = jobs
        self.matching = matching
    }
}

/// What is told of the service beside its jobs.
package struct AboutService: Sendable {
    /// Of the program.
    package var version: String
    /// How all hosts, the catalog and the store are, in a line.
    package var summary: String
    /// Names with values, for the page of its health.
    package var facts: [(String, String)]
    /// The pause of all jobs that is in force.
    package var pauseOfAll: Pause?
    /// Why the runs cannot be read now; nil when they can.
    package var storeProblem: String?

    package init(
        version: String, summary: String, facts: [(String, String)], pauseOfAll: Pause?, storeProblem: String?
    ) {
        self.version = version
        self.summary = summary
        self.facts = facts
        self.pauseOfAll = pauseOfAll
        self.storeProblem = storeProblem
    }
}
