/// A row whose columns are named once: `visit` goes over them in the order of every statement of every store, be it to name them,
/// to write them or to read them.
package protocol TableRow: StoredRow {
    /// A row to read into; what it holds does not matter.
    static var unread: Self { get }
    /// Goes over the columns, each with its place in the row; fails only where they are read.
    mutating func visit(_ columns: inout ColumnVisit) throws(StoreError)
}

extension TableRow {
    /// The names of the columns; each row keeps them as its `columns`.
    package static var columnNames: [String] { unread.listed(.naming).names }

    /// The values of `columns`.
    package var columnValues: [ColumnValue] { listed(.writing(count: Self.columns.count)).values }

    /// The row whose columns come next.
    package init(reading row: inout RowReader) throws(StoreError) {
        self = .unread
        var visit = ColumnVisit(.reading, row)
        try self.visit(&visit)
        row = visit.row
    }

    private func listed(_ purpose: ColumnVisit.Purpose) -> ColumnVisit {
        var visit = ColumnVisit(purpose)
        var row = self
        do { try row.visit(&visit) } catch { preconditionFailure("nothing is read, and \(error)") }
        return visit
    }
}

/// What is done with each column of a row. One type for all of it, so that a row's columns cost no more than a list of them.
package struct ColumnVisit {
    enum Purpose {
        case naming
        case writing(count: Int)
        case reading
    }

    private let purpose: Purpose
    private(set) var row: RowReader
    private(set) var names: [String] = []
    private(set) var values: [ColumnValue] = []
    private var unknown = UnknownWords()

    init(_ purpose: Purpose, _ row: RowReader = RowReader(columns: [], values: [])) {
        self.purpose = purpose
        self.row = row
        if case .writing(let count) = purpose { values.reserveCapacity(count) }
    }

    /// A column, and its place in the row.
    package mutating func column<Value: ColumnConvertible>(
        _ name: String, _ value: inout Value
    ) throws(StoreError) {
        switch purpose {
        case .naming: names.append(name)
        case .writing: values.append(value.columnValue)
        case .reading: value = try Value(reading: &row)
        }
    }

    /// A column of a closed list that newer versions add to: a word that is not in it is read as `other`.
    package mutating func word<Word: ColumnConvertible & RawRepresentable<String>>(
        _ name: String, _ word: inout Word?, other: Word?
    ) throws(StoreError) {
        guard case .reading = purpose else { return try column(name, &word) }
        word = try unknown.choice(name, &row, other: other)
    }

    /// The column `detail`, which tells the words that were not known.
    package mutating func detail(_ text: inout String?) throws(StoreError) {
        try column("detail", &text)
        if case .reading = purpose { text = unknown.detail(text) }
    }
}
