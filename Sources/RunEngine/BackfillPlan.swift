package import CivilTime
package import RunModel
package import Scheduling

/// What is to become of the occurrences of a past span that somebody wants made good.
package struct BackfillPlan: Sendable {
    /// One of them.
    package struct Item: Sendable {
        /// As the schedule in force has it.
        package var occurrence: Occurrence
        /// The row that stands for it; nil when there is none.
        package var row: RunRecord?
        /// Its backfill, made or under way; nil when there is none.
        package var backfill: RunRecord?
        /// Why it is not run; nil when it is.
        package var leftFor: Left?
    }

    /// Why an occurrence is not run.
    package enum Left: String, Sendable, CaseIterable {
        /// It has its backfill, whatever came of it.
        case backfilled
        /// It ended well, and that was not to be run again.
        case done
        /// Its run has not ended.
        case live
        /// A daemon may still run it.
        case undecided
    }

    /// In the order of their instants.
    package var items: [Item]

    /// The plan for `occurrences` in their order: those that did not end well are run, each once. With `includesDone` those
    /// that did are run, too. `rows` stand for them, `backfills` are theirs; up to `watermark` all is decided.
    package init(
        _ occurrences: [Occurrence], rows: [RunRecord], backfills: [RunRecord], watermark: Instant,
        includesDone: Bool
    ) {
        let made = Dictionary(backfills.map { ($0.backfillOf, $0) }) { first, _ in first }
        let rows = rows.sorted { ($0.scheduledFor ?? .earliest) < ($1.scheduledFor ?? .earliest) }
        var next = 0
        items = occurrences.map { occurrence in
            let instant = occurrence.instant
            while next < rows.count, rows[next].end < instant { next += 1 }
            let row = next < rows.count && rows[next].begin <= instant ? rows[next] : nil
            var item = Item(occurrence: occurrence, row: row, backfill: made[instant] ?? nil)
            if item.backfill != nil {
                item.leftFor = .backfilled
            } else if row.map({ $0.state != .finished }) ?? false {
                item.leftFor = .live
            } else if row == nil, instant > watermark {
                item.leftFor = .undecided
            } else if let outcome = row?.outcome, outcome.isGood, !includesDone {
                item.leftFor = .done
            }
            return item
        }
    }

    /// Those that are run, in their order.
    package var toRun: [Item] { items.filter { $0.leftFor == nil } }
}

extension RunRecord {
    /// The first instant that it stands for.
    fileprivate var begin: Instant { scheduledFor ?? .earliest }
    /// The last one.
    fileprivate var end: Instant { scheduledUntil ?? scheduledFor ?? .earliest }
}

extension Outcome {
    /// Whether nothing is left to be done: it ran, or the API said that it need not.
    fileprivate var isGood: Bool { self == .succeeded || self == .declined }
}
