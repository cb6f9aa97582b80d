import CLibpq
import CivilTime
import Records

/// The owner of one result, in the binary format.
@safe
struct PostgresResult: ~Copyable {
    private let handle: OpaquePointer

    init(adopting handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit {
        unsafe PQclear(handle)
    }

    var status: ExecStatusType {
        unsafe PQresultStatus(handle)
    }

    /// What the server says went wrong, for a result that is an error.
    var message: String { field(CChar(UInt8(ascii: "M"))) }

    /// What went wrong, for a result that is an error.
    var error: StoreError {
        StoreError(
            sqlState: field(CChar(UInt8(ascii: "C"))), message: field(CChar(UInt8(ascii: "M"))),
            context: field(CChar(UInt8(ascii: "W"))))
    }

    var rowCount: Int { Int(unsafe PQntuples(handle)) }

    /// The first value of the first row, which came as text; nil when it is null or there is none.
    var firstText: String? {
        guard unsafe PQntuples(handle) > 0, unsafe PQnfields(handle) > 0,
            unsafe PQgetisnull(handle, 0, 0) == 0, let value = unsafe PQgetvalue(handle, 0, 0)
        else { return nil }
        return unsafe String(cString: value)
    }

    func rows() throws(StoreError) -> [[ColumnValue]] {
        let columns = unsafe PQnfields(handle)
        var rows: [[ColumnValue]] = []
        for row in unsafe 0..<PQntuples(handle) {
            var values: [ColumnValue] = []
            for column in 0..<columns { values.append(try value(row, column)) }
            rows.append(values)
        }
        return rows
    }

    /// A diagnostic field, by its letter in the protocol (section 55.8 of PostgreSQL's manual).
    private func field(_ letter: CChar) -> String {
        unsafe PQresultErrorField(handle, Int32(letter)).map { unsafe String(cString: $0) } ?? ""
    }

    private func value(_ row: Int32, _ column: Int32) throws(StoreError) -> ColumnValue {
        guard unsafe PQgetisnull(handle, row, column) == 0, let start = unsafe PQgetvalue(handle, row, column)
        else {
            return .null
        }
        let count = Int(unsafe PQgetlength(handle, row, column))
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
        // The types by their fixed numbers in pg_type.dat, their formats from the *send functions of the
        // server.
        switch unsafe PQftype(handle, column) {
        case 16: return .boolean(unsafe bytes.first == 1)
        case 20, 21, 23: return .integer(unsafe Self.number(bytes))
        case 25, 19: return .text(unsafe String(decoding: bytes, as: UTF8.self))
        case 1184:
            // Microseconds since 2000-01-01T00:00:00Z; the infinities are the ends of the range.
            let (microseconds, overflow) = unsafe Self.number(bytes).addingReportingOverflow(
                946_684_800_000_000)
            return .instant(Instant(microseconds: overflow ? .max : microseconds))
        case let type:
            throw StoreError(.defect, "the database answered with a value of the unexpected type \(type)")
        }
    }

    /// A signed number of 2, 4 or 8 bytes, most significant first.
    private static func number(_ bytes: UnsafeRawBufferPointer) -> Int64 {
        let isNegative = unsafe bytes.first ?? 0 >= 0x80
        return unsafe bytes.reduce(isNegative ? -1 : 0) { $0 << 8 | Int64($1) }
    }
}
