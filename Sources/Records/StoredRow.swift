package import RunModel

/// A value that stores read from a row.
package protocol StoredRow {
    /// The names of its columns, in the order of reading.
    static var columns: [String] { get }
    /// The value whose columns come next in the row; a `defect` when one does not fit.
    init(reading row: inout RowReader) throws(StoreError)
}

extension StoredRow {
    /// The values of whole rows; a `defect` when a column does not fit.
    package static func reading(_ rows: [[ColumnValue]]) throws(StoreError) -> [Self] {
        var found: [Self] = []
        found.reserveCapacity(rows.count)
        for values in rows {
            var row = RowReader(columns: columns, values: values)
            found.append(try Self(reading: &row))
        }
        return found
    }
}

/// A row that names a run.
extension RunID: StoredRow {
    /// The one column.
    package static let columns = ["run_id"]

    /// The run whose identity comes next in the row.
    package init(reading row: inout RowReader) throws(StoreError) {
        self = try row.runID()
    }
}
