import CivilTime
package import Records
import RunModel

/// What people set back.
extension MemoryStore {
    /// As `RewindingStore.rewind`.
    package mutating func rewind(_ rewinding: Rewinding) -> Rewound? {
        guard let from = jobs[rewinding.job]?.watermark, from > rewinding.to else { return nil }
        let rows = runs.values.map(\.record).filter { $0.job == rewinding.job && !$0.isDryRun }
        let gone = rows.filter { run in
            run.state == .finished && run.attempts == 0
                && run.scheduledFor.map { $0 > rewinding.to } ?? false
        }
        let prunedUntil = jobs[rewinding.job]?.prunedUntil
        for run in gone { forget(run) }
        if let kept = rewinding.kept {
            runs[kept.id]?.record = kept
            jobs[rewinding.job]?.spans.removeAll { $0.first == kept.scheduledFor }
            if let first = kept.scheduledFor, let last = kept.scheduledUntil {
                jobs[rewinding.job]?.spans.append((first, last))
            }
        }
        jobs[rewinding.job]?.prunedUntil = prunedUntil
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
