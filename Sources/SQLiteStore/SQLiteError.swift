import CSQLite
import Glibc
import Records

/// What SQLite's result codes (sqlite.org/rescode.html) mean to somebody who records runs.
extension StoreError {
    /// The error for an extended result code; `text` is SQLite's, which holds names and never values.
    init(sqlite code: Int32, text: String, path: String) {
        switch code & 0xff {
        // SQLITE_CONSTRAINT_TRIGGER, a macro that Swift does not see.
        case _ where code == SQLITE_CONSTRAINT | 7 << 8:
            self.init(
                .refused, "a trigger of \(path) refuses it: \(text)",
                hint:
                    "it is not one of almanac's: select name, sql from sqlite_schema where type = 'trigger'")
        case SQLITE_BUSY, SQLITE_LOCKED:
            self.init(
                .busy, "\(path) is locked by another process",
                hint: "is another almanac, or a backup, writing?")
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
            self.init(
                .refused, "\(path) cannot be written",
                hint: "check the owner and the mode of it and its directory")
        case SQLITE_CANTOPEN:
            self.init(
                .refused, "\(path) cannot be opened",
                hint: "check that its directory exists and can be written")
        case SQLITE_FULL:
            self.init(
                .refused, "there is no space left for \(path)", hint: "free some space on its file system")
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            self.init(
                .refused, "\(path) is not a sound SQLite database",
                hint: "keep a copy, and move it and its -wal and -shm files away: a new one is made")
        case SQLITE_IOERR, SQLITE_NOLFS:
            self.init(
                .refused, "\(path) cannot be read or written: \(text)",
                hint: "look for disk errors in the kernel log")
        case SQLITE_NOMEM:
            self.init(.busy, "there was no memory to read \(path)")
        case SQLITE_ERROR where text.hasPrefix("no such "):
            self.init(
                .schema, "the schema of \(path) does not fit this program: \(text)",
                hint: "was it changed by hand?")
        default:
            self.init(.defect, "\(path): \(text)", hint: "this is a bug of almanac: please report it")
        }
    }

    /// The error for a file that the system did not open.
    init(opening path: String, errno code: Int32) {
        let why = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        let hint =
            switch code {
            case ENOENT, ENOTDIR: "make its directory, or set ALMANAC_STATE_DIRECTORY to one that exists"
            case ENOSPC, EDQUOT: "free some space on its file system"
            default: "check the owner and the mode of it and its directory"
            }
        self.init(.refused, "\(path) cannot be opened: \(why)", hint: hint)
    }
}
