package import CivilTime
package import RunModel

/// A value of a column, as a store writes and reads it.
package enum ColumnValue: Sendable, Equatable {
    /// SQL's null: no value.
    case null
    /// UTF-8 without a NUL, which PostgreSQL refuses; what comes from outside is made `storable` first.
    case text(String)
    /// A whole number of 64 bits, the widest that every store has.
    case integer(Int64)
    /// True or false, held as 1 or 0 where a store has no booleans.
    case boolean(Bool)
    /// An instant to the microsecond, held as microseconds since 1970-01-01T00:00:00Z where a store has no
    /// instants.
    case instant(Instant)

    /// The text, or null when there is none.
    package init(_ text: String?) { self = text.map(ColumnValue.text) ?? .null }
    /// The number, or null when there is none.
    package init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
    /// The instant, or null when there is none.
    package init(_ instant: Instant?) { self = instant.map(ColumnValue.instant) ?? .null }
}

/// Reads the values of one row from left to right; what does not fit is a `defect` that names the column.
///
/// A store without booleans or instants of its own may hold them as integers: 0 and 1, and microseconds. A document holds
/// instants as texts.
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

    /// Whether the next column is null; it is passed over then.
    package mutating func skipsNull() -> Bool {
        guard values[position] == .null else { return false }
        position += 1
        return true
    }

    /// The text of the next column, nil for null; a `defect` for any other value.
    package mutating func optionalText() throws(StoreError) -> String? {
        switch next() {
        case .null: return nil
        case .text(let text): return text
        case .integer, .boolean, .instant: throw unfit("a text")
        }
    }

    /// The number of the next column, nil for null; a `defect` for any other value.
    package mutating func optionalInteger() throws(StoreError) -> Int64? {
        switch next() {
        case .null: return nil
        case .integer(let number): return number
        case .text, .boolean, .instant: throw unfit("a number")
        }
    }

    /// The instant of the next column, a number being microseconds and a text as RFC 3339 has it, nil for null; a `defect` for
    /// any other value.
    package mutating func optionalInstant() throws(StoreError) -> Instant? {
        switch next() {
        case .null: return nil
        case .instant(let instant): return instant
        case .integer(let microseconds): return Instant(microseconds: microseconds)
        case .text(let text):
            guard let instant = Instant(rfc3339: text) else { throw unfit("an instant") }
            return instant
        case .boolean: throw unfit("an instant")
        }
    }

    /// The truth of the next column, 0 and 1 included; a `defect` for null and any other value.
    package mutating func boolean() throws(StoreError) -> Bool {
        switch next() {
        case .boolean(let value): return value
        case .integer(let number) where number == 0 || number == 1: return number == 1
        case .null, .integer, .text, .instant: throw unfit("true or false")
        }
    }

    /// The text of the next column; a `defect` for null and any other value.
    package mutating func text() throws(StoreError) -> String { try required(try optionalText()) }
    /// The number of the next column; a `defect` for null and any other value.
    package mutating func integer() throws(StoreError) -> Int64 { try required(try optionalInteger()) }
    /// The instant of the next column, a number being microseconds; a `defect` for null and any other value.
    package mutating func instant() throws(StoreError) -> Instant { try required(try optionalInstant()) }

    /// The next text as a value of a closed list, such as an outcome; nil for null, a `defect` for a word
    /// that is not in the list.
    package mutating func optionalChoice<Choice: RawRepresentable<String>>(
        _ type: Choice.Type
    ) throws(StoreError) -> Choice? {
        guard let text = try optionalText() else { return nil }
        guard let choice = Choice(rawValue: text) else { throw unfit("a known \(type)") }
        return choice
    }

    /// The next text as a value of a closed list; a `defect` for null and for a word that is not in the list.
    package mutating func choice<Choice: RawRepresentable<String>>(
        _ type: Choice.Type
    ) throws(StoreError) -> Choice {
        try required(try optionalChoice(type))
    }

    /// The next text as the identity of a run; a `defect` when it is not a UUID.
    package mutating func runID() throws(StoreError) -> RunID {
        guard let id = RunID(try text()) else { throw unfit("the identity of a run") }
        return id
    }

    /// The next text as the name of a job; a `defect` when it breaks the rule of such names.
    package mutating func jobName() throws(StoreError) -> JobName { try required(try optionalJobName()) }

    /// The next text as the name of a job, nil for null; a `defect` when it breaks the rule of such names.
    package mutating func optionalJobName() throws(StoreError) -> JobName? {
        guard let text = try optionalText() else { return nil }
        guard let name = JobName(text) else { throw unfit("the name of a job") }
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
