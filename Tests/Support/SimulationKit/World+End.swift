import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import RunStoreConformance

/// What must hold when everything is over: each occurrence has one row, each row its outcome.
extension World {
    /// Whether all that fell due before the end of the trouble is over.
    var isSettled: Bool {
        let isOpen = store.open.contains { id in
            store.rows[id]?.record.scheduledFor.map { $0 <= plan.end } ?? true
        }
        return !isOpen && isTold && hosts.allSatisfy { $0.scheduler?.reloadPendingSince == nil }
            && plan.stable.allSatisfy { job in
                // What ends during the world has its last occurrence anywhere in it.
                let from = job.timing.end == nil ? plan.end - plan.longestPeriod : plan.start
                let last = due(job, after: from, through: plan.end).last
                return last.map { $0 <= store.watermark(of: job.job.name) ?? plan.start } ?? true
            }
    }

    mutating func checkEnd() {
        let rows = (store.rows.values.map(\.record) + store.pruned)
            .sorted { ($0.dueAt, $0.id) < ($1.dueAt, $1.id) }
        for row in rows where (row.scheduledFor ?? now) <= plan.end {
            if row.state != .finished {
                violate(.everythingEnds, "run \(row.id) of \(row.job) is \(row.state.rawValue) at the end")
            } else if (row.outcome == .succeeded) != (row.reason == nil) {
                violate(.hasReason, "run \(row.id) of \(row.job) has ended without a reason")
            }
            tally.outcomes[row.outcome?.rawValue ?? "open", default: 0] += row.occurrences
            tally.rows += 1
        }
        let occurrences = rows.filter { $0.scheduledFor != nil }
        for job in plan.stable {
            let rows = occurrences.filter { $0.job == job.job.name && !isOfReplacedBoot($0, job) }
            // Occurrences after the trouble may have a row already, of a host whose clock was ahead.
            let latest = rows.compactMap { $0.scheduledUntil ?? $0.scheduledFor }.max() ?? plan.end
            let due = due(job, after: plan.start, through: max(plan.end, latest))
            checkOccurrences(of: job.job.name, due, rows)
            checkWatermarks(of: job.job.name, due)
        }
        for job in plan.changing where job.timing.event == nil { checkDefinition(job, occurrences) }
        checkForce()
        checkOutages()
    }

    /// Whether the store has in force what its hosts run.
    private mutating func checkForce() {
        for (name, row) in store.records.jobs.sorted(by: { $0.key < $1.key }) {
            guard let host = hosts.indices.first(where: { hostID($0) == row.host }),
                let catalog = hosts[host].scheduler?.catalog,
                // Who has written nothing since the store was replaced has not seen that it may have lost something.
                hosts[host].line.met.map({ $0 == incarnation }) ?? true
            else { continue }
            if row.definitions.last?.configHash != catalog[name].map({ catalog.configHash(of: $0) }) {
                violate(
                    .forceKnown, "host \(host) does not run the definition of \(name) that it put in force")
            }
        }
    }

    /// Whether all that a definition decided, of a job that has several, was due by it.
    private mutating func checkDefinition(_ job: SimulatedJob, _ rows: [RunRecord]) {
        let hash = job.job.configHash
        let rows = rows.filter { $0.job == job.job.name && $0.configHash == hash }
        guard let latest = rows.compactMap({ $0.scheduledUntil ?? $0.scheduledFor }).max() else { return }
        let earliest = rows.compactMap(\.scheduledFor).min() ?? plan.start
        let due = Set(job.instants(after: earliest - .seconds(1), through: latest))
        for at in rows.flatMap({ [$0.scheduledFor, $0.scheduledUntil].compactMap(\.self) })
        where !due.contains(at) {
            violate(.isDue, "a row of \(job.job.name) is for \(at), when nothing is due")
        }
    }

    /// Compares the rows of a job with a walk over all moments.
    private mutating func checkOccurrences(of name: JobName, _ due: [Instant], _ rows: [RunRecord]) {
        let index = Dictionary(uniqueKeysWithValues: due.enumerated().map { ($1, $0) })
        var counts = [Int](repeating: 0, count: due.count)
        for row in rows {
            guard let at = row.scheduledFor, let first = index[at], let last = index[row.scheduledUntil ?? at]
            else {
                violate(
                    .isDue, "a row of \(name) is for \(row.scheduledFor ?? row.dueAt), when nothing is due")
                continue
            }
            // A row that people's pauses share may go on after what a store has forgotten of them.
            if row.occurrences != last - first + 1, tally.rewinds == 0 || row.reason != .paused {
                violate(
                    .countsRight,
                    "a row of \(name) stands for \(row.occurrences), not \(last - first + 1)")
            }
            for position in first...max(first, last) { counts[position] += 1 }
        }
        let expected = due.prefix { $0 <= plan.end }
        tally.due[name.description, default: 0] += expected.count
        let untold = sightings.untold.filter { $0.job == name }
        let lost = expected.indices.filter { index in
            counts[index] == 0 && !untold.contains { $0.decides(expected[index]) }
        }
        if let first = lost.first {
            violate(
                .noneLost,
                "\(lost.count) of \(expected.count) occurrences of \(name) are lost, from \(due[first])")
        }
        if let doubled = counts.firstIndex(where: { $0 > 1 }) {
            violate(.oneRow, "\(due[doubled]) of \(name) has \(counts[doubled]) rows")
        }
    }

    /// No watermark may pass an occurrence that has no row yet: a host that starts just then would not see it.
    private mutating func checkWatermarks(of name: JobName, _ due: [Instant]) {
        var position = 0
        // What hosts tell a store again that has forgotten it comes in the order in which they do.
        if tally.rewinds > 0 { return }
        for step in store.steps where step.job == name && step.to > step.from {
            // The watermarks only grow.
            while position < due.count, due[position] <= step.from { position += 1 }
            if position < due.count, due[position] < step.to {
                return violate(
                    .watermarkBehind, "the watermark of \(name) passed \(due[position]), which had no row")
            }
        }
    }
}

extension RunRecord {
    /// Whether it stands for the occurrence at an instant.
    func decides(_ instant: Instant) -> Bool {
        scheduledFor.map { $0 <= instant && instant <= scheduledUntil ?? $0 } ?? false
    }
}
