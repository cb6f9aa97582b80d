import CivilTime
package import Records
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

extension InMemoryRunStore {
    package func rewind(_ rewinding: Rewinding) -> Rewound? {
        guard let from = jobs[rewinding.job]?.watermark, from > rewinding.to else { return nil }
        let gone = runs.values.map(\.record).filter { run in
            run.job == rewinding.job && !run.isDryRun && run.state == .finished && run.attempts == 0
                && run.scheduledFor.map { $0 > rewinding.to } ?? false
        }
        for run in gone {
            runs[run.id] = nil
            if let at = run.scheduledFor { occurrences.remove(Occurrence(job: run.job, at: at)) }
        }
        if let kept = rewinding.kept { runs[kept.id]?.record = kept }
        jobs[rewinding.job]?.spans = runs.values.map(\.record).filter { $0.job == rewinding.job }
            .compactMap { run in
                if let first = run.scheduledFor, let last = run.scheduledUntil { (first, last) } else { nil }
            }
        jobs[rewinding.job]?.watermark = rewinding.to
        noted.append(rewinding.event)
        return Rewound(from: from, removed: gone.count)
    }

    /// The jobs that were set back, each to the last time.
    func rewound(since: Instant) -> [JobName: Instant] {
        Dictionary(
            noted.filter { $0.kind == .rewound && $0.at >= since }
                .compactMap { event in event.job.map { ($0, event.at) } }, uniquingKeysWith: max)
    }
}
