import Glibc

/// An empty directory for one test, below `/tmp`.
package struct TemporaryDirectory: Sendable {
    /// Where it is.
    package let path: String

    /// Makes it; a `FileProblem` when that is refused.
    package init() throws(FileProblem) {
        var template = Array("/tmp/almanac-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileProblem(path: "/tmp") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Removes it with all that is in it.
    package func remove() {
        Self.remove(path)
    }

    private static func remove(_ path: String) {
        // A link is removed, never what it leads to.
        if unlink(path) == 0 { return }
        for name in names(inDirectory: path) { remove(path + "/" + name) }
        rmdir(path)
    }
}

/// Runs `body` with the path of an empty directory, and removes that with all that is in it.
@discardableResult
package func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    return try body(directory.path)
}

/// Runs `body` with the path of an empty directory, and removes that with all that is in it.
@discardableResult
package func withTemporaryDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    return try await body(directory.path)
}
