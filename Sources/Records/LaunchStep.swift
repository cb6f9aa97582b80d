package import CivilTime
package import RunModel

/// A step of a launch, or of its end, as it was done.
package struct LaunchStep: Sendable, Equatable {
    /// What it belongs to.
    package enum Kind: String, Sendable, CaseIterable {
        /// The way to the new system.
        case cutover
        /// The way back.
        case rollback
    }

    /// Which launch: when its first step was done.
    package var launch: Instant
    /// What it belongs to.
    package var kind: Kind
    /// Which step, in one word.
    package var step: String
    /// Whether it was done; else why not is in the detail.
    package var isDone: Bool
    /// When it ended.
    package var at: Instant
    /// Who did it, at most `Limits.requestedByBytesMax` bytes.
    package var by: String
    /// Where.
    package var host: HostID
    /// What came of it, for people; at most `Limits.detailBytesMax` bytes.
    package var detail: String
    /// What a step says while it is done.
    package static let underWay = "under way"

    /// What later steps compare with; at most `LaunchStep.factsBytesMax` bytes, nil when there is nothing.
    package var facts: String?

    /// The longest facts: a number for each of many checks.
    package static let factsBytesMax = 65_536

    package init(
        launch: Instant, kind: Kind, step: String, isDone: Bool, at: Instant, by: String, host: HostID,
        detail: String, facts: String? = nil
    ) {
        self.launch = launch
        self.kind = kind
        self.step = step
        self.isDone = isDone
        self.at = at
        self.by = by
        self.host = host
        self.detail = detail
        self.facts = facts
    }
}

/// Where the steps of launches are kept, the same for every host.
package protocol LaunchStore: Sendable {
    /// Keeps a step, in the place of an earlier try of the same step of the same launch.
    func record(_ step: LaunchStep) async throws(StoreError)

    /// Keeps a step if none of any launch was kept since the one that ended at `latest`, nil when there was none; whether it was.
    /// Of several that come at once with the same `latest`, one is kept.
    func record(_ step: LaunchStep, after latest: Instant?) async throws(StoreError) -> Bool

    /// Ends the pause of all jobs if it is the one that was made at an instant; whether it was.
    func resumeAll(pausedAt: Instant) async throws(StoreError) -> Bool

    /// The steps of the last launch, in the order in which they ended; none before the first.
    func launchSteps() async throws(StoreError) -> [LaunchStep]
}

extension LaunchStep: StoredRow {
    /// The names in the database, in the order of `columnValues` and of reading.
    package static let columns = [
        "launch", "kind", "step", "done", "ended_at", "by", "host", "detail", "facts",
    ]

    /// The values of `columns`.
    package var columnValues: [ColumnValue] {
        [
            .instant(launch), .text(kind.rawValue), .text(step), .boolean(isDone), .instant(at),
            .text(by.storable(bytesMax: Limits.requestedByBytesMax)), .text(host.description),
            .text(detail.storable(bytesMax: Limits.detailBytesMax)),
            ColumnValue(facts?.storable(bytesMax: Self.factsBytesMax)),
        ]
    }

    /// The step whose columns come next in the row.
    package init(reading row: inout RowReader) throws(StoreError) {
        self.init(
            launch: try row.instant(), kind: try row.choice(Kind.self), step: try row.text(),
            isDone: try row.boolean(), at: try row.instant(), by: try row.text(),
            host: HostID(try row.text()),
            detail: try row.text(), facts: try row.optionalText())
    }
}
