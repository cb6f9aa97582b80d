import Glibc

/// What the system says of a file.
package struct FileFacts: Sendable, Equatable {
    /// Its path.
    package var path: String
    /// In bytes.
    package var size: Int
    /// When it was written last, in seconds since 1970.
    package var writtenAt: Int64

    /// The regular file that was written last among those whose paths match a pattern (glob(7)); nil when none does.
    package static func newest(matching pattern: String) -> FileFacts? {
        var paths = unsafe glob_t()
        defer { unsafe globfree(&paths) }
        guard unsafe glob(pattern, 0, nil, &paths) == 0 else { return nil }
        var newest: FileFacts?
        for index in 0..<(unsafe Int(paths.gl_pathc)) {
            guard let name = unsafe paths.gl_pathv[index] else { continue }
            var status = stat()
            guard unsafe stat(name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            let facts = unsafe FileFacts(
                path: String(cString: name), size: Int(status.st_size),
                writtenAt: Int64(status.st_mtim.tv_sec))
            if newest.map({ $0.writtenAt < facts.writtenAt }) ?? true { newest = facts }
        }
        return newest
    }
}
