package import CivilTime
package import JobCatalog
package import Records
package import RunModel
import Scheduling

/// Rows that stand for several occurrences, so that a job that is due each second cannot fill memory and tables.
extension RunRecord {
    /// Both lists as one; when it grows long, its older neighbours that were decided alike share rows.
    static func joined(_ rows: [RunRecord], _ more: [RunRecord]) -> [RunRecord] {
        let all = rows + more
        guard all.count > 2 * EngineLimits.missedRowsMax else { return all }
        var shared: [RunRecord] = []
        for row in all.dropLast(EngineLimits.missedRowsMax) {
            if let last = shared.last, last.isDecidedLike(row) {
                shared[shared.count - 1] = last.sharing(with: row)
            } else {
                shared.append(row)
            }
        }
        return shared + all.suffix(EngineLimits.missedRowsMax)
    }

    private func isDecidedLike(_ other: RunRecord) -> Bool {
        (outcome, reason, trigger) == (other.outcome, other.reason, other.trigger)
            && (configHash, zoneData) == (other.configHash, other.zoneData)
    }

    /// This row, standing for the later occurrences of `other` too.
    private func sharing(with other: RunRecord) -> RunRecord {
        var row = self
        row.scheduledUntil = other.scheduledUntil ?? other.scheduledFor
        row.occurrences += other.occurrences
        row.finishedAt = other.finishedAt
        row.detail = Self.sharedDetail(row.occurrences, ownDetail)
        return row
    }

    /// What is left of a row of several occurrences when those up to `mark` were decided elsewhere; `job` is the
    /// definition that made them due. nil when nothing is left.
    package func rest(after mark: Instant, of job: Job) -> RunRecord? {
        guard let last = scheduledUntil, let schedule = job.schedule, let first = schedule.next(after: mark),
            first.instant <= last
        else { return nil }
        var count = 1
        var next = schedule.next(after: first.instant)
        while let occurrence = next, occurrence.instant <= last {
            count += 1
            next = schedule.next(after: occurrence.instant)
        }
        var row = self
        row.id = RunID(job: self.job, scheduledFor: first.instant)
        row.scheduledFor = first.instant
        row.scheduledUntil = count > 1 ? last : nil
        row.occurrences = count
        row.nominalLocal = first.nominal(in: schedule.zone)
        row.dueAt = job.dueAt(first)
        row.detail = count > 1 ? Self.sharedDetail(count, ownDetail) : ownDetail
        return row
    }

    /// A row of several occurrences, as it stands for those up to `mark`; `job` is the definition that made them due.
    func part(until mark: Instant, of job: Job) -> RunRecord? {
        guard let first = scheduledFor, first <= mark, let schedule = job.schedule else { return nil }
        var (last, count) = (first, 1)
        while let next = schedule.next(after: last), next.instant <= mark {
            last = next.instant
            count += 1
        }
        var row = self
        row.scheduledUntil = count > 1 ? last : nil
        row.occurrences = count
        row.detail = count > 1 ? Self.sharedDetail(count, ownDetail) : ownDetail
        return row
    }

    /// The same by one of the definitions that a store kept; nil also when none of them tells what the row stands for.
    package func rest(
        after mark: Instant, by definitions: [StoredDefinition], zones: any ZoneSource
    ) -> RunRecord? {
        let alike = definitions.filter { $0.configHash == configHash }
        guard let last = scheduledUntil,
            let definition = alike.last(where: { $0.zoneData == zoneData }) ?? alike.last
        else { return nil }
        let span = DefinitionSpan(definition, zones: zones)
        // By the zone data of today something else may have been due.
        guard let job = span.job, span.occurrence(at: last) != nil else { return nil }
        return rest(after: mark, of: job)
    }

    /// The same by one of the definitions that a store kept; when none of them tells what it stands for, for the first alone.
    package func part(
        until mark: Instant, by definitions: [StoredDefinition], zones: any ZoneSource
    ) -> RunRecord? {
        let definition = definitions.last { $0.configHash == configHash }
        guard let job = definition.flatMap({ DefinitionSpan($0, zones: zones).job }) else {
            var row = self
            (row.scheduledUntil, row.occurrences, row.detail) = (nil, 1, ownDetail)
            return row
        }
        return part(until: mark, of: job)
    }

    /// What happened to each of its occurrences.
    private var ownDetail: String? {
        occurrences > 1 ? String(detail?.split(separator: "; ", maxSplits: 1).last ?? "") : detail
    }
}
