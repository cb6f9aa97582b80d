import RunModel

/// How a store forgets, as databases do that are made anew, restored or failed over.
extension InMemoryRunStore {
    /// What the store held of runs and jobs at a moment.
    package struct Backup: Sendable {
        let jobs: [JobName: JobRow]
        let runs: [RunID: RunRow]
        let live: Set<RunID>
        let occurrences: Set<Occurrence>
    }

    /// What it holds now.
    package func backup() -> Backup {
        Backup(jobs: jobs, runs: runs, live: live, occurrences: occurrences)
    }

    /// Goes back to what it held then, and forgets all that came after.
    package func restore(_ backup: Backup) {
        (jobs, runs, live, occurrences) = (backup.jobs, backup.runs, backup.live, backup.occurrences)
    }

    /// Forgets everything, as a database does whose schema is dropped and made anew.
    package func forget() {
        restore(Backup(jobs: [:], runs: [:], live: [], occurrences: []))
    }
}
