package import CivilTime
package import RunModel

/// A value that a column holds.
package protocol ColumnConvertible {
    /// The value as it is written.
    var columnValue: ColumnValue { get }
    /// The value of the next column; a `defect` for one that does not fit.
    init(reading row: inout RowReader) throws(StoreError)
}

extension Optional: ColumnConvertible where Wrapped: ColumnConvertible {
    package var columnValue: ColumnValue { self?.columnValue ?? .null }
    package init(reading row: inout RowReader) throws(StoreError) {
        self = row.skipsNull() ? nil : try Wrapped(reading: &row)
    }
}

extension String: ColumnConvertible {
    package var columnValue: ColumnValue { .text(self) }
    package init(reading row: inout RowReader) throws(StoreError) { self = try row.text() }
}

extension Int: ColumnConvertible {
    package var columnValue: ColumnValue { .integer(Int64(self)) }
    package init(reading row: inout RowReader) throws(StoreError) { self.init(try row.integer()) }
}

extension Bool: ColumnConvertible {
    package var columnValue: ColumnValue { .boolean(self) }
    package init(reading row: inout RowReader) throws(StoreError) { self = try row.boolean() }
}

extension Instant: ColumnConvertible {
    package var columnValue: ColumnValue { .instant(self) }
    package init(reading row: inout RowReader) throws(StoreError) { self = try row.instant() }
}

/// Held as microseconds.
extension Duration: ColumnConvertible {
    package var columnValue: ColumnValue { .integer(wholeMicroseconds) }
    package init(reading row: inout RowReader) throws(StoreError) { self = .microseconds(try row.integer()) }
}

extension RunID: ColumnConvertible {
    package var columnValue: ColumnValue { .text(description) }
}

extension JobName: ColumnConvertible {
    package var columnValue: ColumnValue { .text(description) }
    package init(reading row: inout RowReader) throws(StoreError) { self = try row.jobName() }

    /// The name in a row that is to be read into.
    package static let unread: JobName = {
        guard let name = JobName("unread") else { preconditionFailure("“unread” is a valid name") }
        return name
    }()
}

extension HostID: ColumnConvertible {
    package var columnValue: ColumnValue { .text(description) }
    package init(reading row: inout RowReader) throws(StoreError) { self.init(try row.text()) }
}

extension ColumnConvertible where Self: RawRepresentable<String> {
    package var columnValue: ColumnValue { .text(rawValue) }
    package init(reading row: inout RowReader) throws(StoreError) { self = try row.choice(Self.self) }
}

extension Outcome: ColumnConvertible {}
extension Reason: ColumnConvertible {}
extension RunState: ColumnConvertible {}
extension RunTrigger: ColumnConvertible {}
