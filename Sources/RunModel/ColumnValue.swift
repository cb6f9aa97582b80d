package import CivilTime

/// A value of a column, as a store writes and reads it.
package enum ColumnValue: Sendable, Equatable {
    case null
    case text(String)
    case integer(Int64)
    case boolean(Bool)
    case instant(Instant)

    package init(_ text: String?) { self = text.map(ColumnValue.text) ?? .null }
    package init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
    package init(_ instant: Instant?) { self = instant.map(ColumnValue.instant) ?? .null }
}

/// Reads the values of one row from left to right; what does not fit is a `defect` that names the column.
///
/// A store without booleans or instants of its own may hold them as integers: 0 and 1, and microseconds.
package struct RowReader {
    private let columns: [String]
    private let values: [ColumnValue]
    private var position = 0

    /// The reader of a row; traps when there is not one value for each column.
    package init(columns: [String], values: [ColumnValue]) {
        precondition(columns.count == values.count, "\(values.count) values for \(columns.count) columns")
        self.columns = columns
        self.values = values
    }

    package mutating func optionalText() throws(StoreError) -> String? {
        switch next() {
        case .null: return nil
        case .text(let text): return text
        case .integer, .boolean, .instant: throw unfit("a text")
        }
    }

    package mutating func optionalInteger() throws(StoreError) -> Int64? {
        switch next() {
        case .null: return nil
        case .integer(let number): return number
        case .text, .boolean, .instant: throw unfit("a number")
        }
    }

    package mutating func optionalInstant() throws(StoreError) -> Instant? {
        switch next() {
        case .null: return nil
        case .instant(let instant): return instant
        case .integer(let microseconds): return Instant(microseconds: microseconds)
        case .text, .boolean: throw unfit("an instant")
        }
    }

    package mutating func boolean() throws(StoreError) -> Bool {
        switch next() {
        case .boolean(let value): return value
        case .integer(let number) where number == 0 || number == 1: return number == 1
        case .null, .integer, .text, .instant: throw unfit("true or false")
        }
    }

    package mutating func text() throws(StoreError) -> String { try required(try optionalText()) }
    package mutating func integer() throws(StoreError) -> Int64 { try required(try optionalInteger()) }
    package mutating func instant() throws(StoreError) -> Instant { try required(try optionalInstant()) }

    /// The next text as a value of a closed list, such as an outcome; nil for null.
    package mutating func optionalChoice<Choice: RawRepresentable<String>>(
        _ type: Choice.Type
    ) throws(StoreError) -> Choice? {
        guard let text = try optionalText() else { return nil }
        guard let choice = Choice(rawValue: text) else { throw unfit("a known \(type)") }
        return choice
    }

    package mutating func choice<Choice: RawRepresentable<String>>(
        _ type: Choice.Type
    ) throws(StoreError) -> Choice {
        try required(try optionalChoice(type))
    }

    package mutating func runID() throws(StoreError) -> RunID {
        guard let id = RunID(try text()) else { throw unfit("the identity of a run") }
        return id
    }

    package mutating func jobName() throws(StoreError) -> JobName {
        guard let name = JobName(try text()) else { throw unfit("the name of a job") }
        return name
    }

    private mutating func next() -> ColumnValue {
        precondition(position < values.count, "a row of \(values.count) columns has no further one")
        position += 1
        return values[position - 1]
    }

    private func required<Value>(_ value: Value?) throws(StoreError) -> Value {
        guard let value else { throw unfit("anything") }
        return value
    }

    private func unfit(_ wanted: String) -> StoreError {
        StoreError(
            .defect, "the column \(columns[position - 1]) of the store does not hold \(wanted)",
            hint: "was the row changed by hand, or by a newer almanac?")
    }
}
