import CSQLite
import CivilTime
import Records

/// The owner of one prepared statement.
@safe
final class SQLiteStatement {
    private let handle: OpaquePointer

    init(adopting handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit {
        unsafe sqlite3_finalize(handle)
    }

    /// Ends what it was doing, and forgets its parameters.
    func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    /// Gives it its parameters; answers the code of SQLite.
    func bind(_ parameters: [ColumnValue]) -> Int32 {
        var position: Int32 = 0
        for parameter in parameters {
            position += 1
            let code =
                switch parameter {
                case .null: unsafe sqlite3_bind_null(handle, position)
                case .integer(let number): unsafe sqlite3_bind_int64(handle, position, number)
                case .boolean(let value): unsafe sqlite3_bind_int64(handle, position, value ? 1 : 0)
                case .instant(let instant): unsafe sqlite3_bind_int64(handle, position, instant.microseconds)
                case .text(let text): bind(text, at: position)
                }
            guard code == SQLITE_OK else { return code }
        }
        return SQLITE_OK
    }

    private func bind(_ text: String, at position: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            // -1 is SQLITE_TRANSIENT, a cast that Swift does not import: SQLite copies the bytes before it
            // returns.
            let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            guard let start = bytes.baseAddress else {
                return unsafe sqlite3_bind_text(handle, position, "", 0, nil)
            }
            return unsafe start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                unsafe sqlite3_bind_text(handle, position, $0, Int32(bytes.count), transient)
            }
        }
    }

    /// Goes to the next row; answers the code of SQLite.
    func step() -> Int32 {
        unsafe sqlite3_step(handle)
    }

    /// The values of the row at hand.
    func row() -> [ColumnValue] {
        unsafe (0..<sqlite3_column_count(handle)).map { column in
            switch unsafe sqlite3_column_type(handle, column) {
            case SQLITE_NULL: return .null
            case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(handle, column))
            default:
                guard let start = unsafe sqlite3_column_text(handle, column) else { return .null }
                let count = Int(unsafe sqlite3_column_bytes(handle, column))
                let bytes = unsafe UnsafeBufferPointer(start: start, count: count)
                return .text(unsafe String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
