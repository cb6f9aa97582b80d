/// Jobs that fall due each second or each fifth, one for each way to overlap and to catch up.
struct Schedule: Sendable {
    /// The names of those that are meant.
    var jobs = all.map(\.name)
    /// How long each waits for an answer.
    var timeoutSeconds = 4

    private static let all: [(name: String, period: Int, options: String)] = [
        ("skip", 1, "overlap=skip retry=0 catch-up=latest"),
        ("allow", 1, "overlap=allow retry=0 catch-up=all"),
        ("queue", 1, "overlap=queue retry=0 catch-up=latest"),
        ("replace", 1, "overlap=replace retry=0 catch-up=none"),
        ("retry", 5, "overlap=skip retry=3 backoff=1s..1s"),
        ("late", 5, "overlap=queue retry=1 backoff=1s..2s jitter=3s"),
    ]

    /// How many occurrences of all jobs fall due in a second.
    static let rate = 4.4

    /// A line of a schedule file for each job.
    var text: String {
        Self.all.filter { jobs.contains($0.name) }.map { name, period, options in
            let when = period == 1 ? "* * * * * *" : "*/\(period) * * * * *"
            return "\(when)  \(name): POST /api/cron/purge_old as=admin timeout=\(timeoutSeconds)s \(options)"
        }.joined(separator: "\n")
    }

    /// Tells the verification when the jobs are due.
    func note(in deployment: Deployment) async throws {
        for (name, period, _) in Self.all where jobs.contains(name) {
            try await deployment.sql(
                "insert into chaos.jobs values ('\(name)', interval '\(period) seconds')")
        }
    }
}
