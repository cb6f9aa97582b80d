package import RunModel

/// The columns of `pauses`, in one order for every statement of every store.
extension Pause {
    /// The names in the database, in the order of `columnValues` and of reading; `detail` comes beside them.
    package static let columns = ["scope", "paused_at", "paused_until", "paused_by", "reason"]

    /// The values of `columns`.
    package var columnValues: [ColumnValue] {
        [.text(scope.key), .instant(at), ColumnValue(until), .text(by), ColumnValue(reason)]
    }

    /// The pause whose columns come next in the row; nil when they are null.
    package init?(readingOptional row: inout RowReader) throws(StoreError) {
        guard let key = try row.optionalText() else { return nil }
        guard let scope = PauseScope(key: key) else {
            throw StoreError(.defect, "the scope “\(key)” of a pause is no job's name")
        }
        self.init(
            scope: scope, at: try row.instant(), until: try row.optionalInstant(), by: try row.text(),
            reason: try row.optionalText())
    }

    /// The pause with its free texts as every store can hold them.
    package var storable: Pause {
        var pause = self
        pause.by = by.storable(bytesMax: Limits.requestedByBytesMax)
        pause.reason = reason?.storable(bytesMax: Limits.detailBytesMax / 2)
        return pause
    }
}
