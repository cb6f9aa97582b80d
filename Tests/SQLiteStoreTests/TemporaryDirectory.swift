import CivilTime
import Glibc

/// What the clock of the stores under test says unless a test moves it.
let fixedNow = Instant(seconds: 1_795_392_600)

/// Runs `body` with a fresh directory, which is removed with the files in it.
func withTemporaryDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    var template = Array("/tmp/almanac-store-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TestSetupError(description: "mkdtemp failed: \(errno)") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        for suffix in ["", "-wal", "-shm"] { unlink(path + "/runs.sqlite" + suffix) }
        rmdir(path)
    }
    return try await body(path)
}

struct TestSetupError: Error, CustomStringConvertible {
    let description: String
}
