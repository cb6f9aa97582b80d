import Glibc

/// What the system said of a file that a test needs.
package struct FileProblem: Error, CustomStringConvertible {
    /// The file and the reason.
    package let description: String

    /// The problem that `errno` tells of.
    init(path: String) {
        description = "\(path): \(String(cString: strerror(errno)))"
    }
}

/// All bytes of a file; a `FileProblem` when it cannot be read.
package func bytes(ofFile path: String) throws(FileProblem) -> [UInt8] {
    guard let file = fopen(path, "r") else { throw FileProblem(path: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part[..<count] }
    guard ferror(file) == 0 else { throw FileProblem(path: path) }
    return bytes
}

/// The text of a file; a `FileProblem` when it cannot be read.
package func text(ofFile path: String) throws(FileProblem) -> String {
    String(decoding: try bytes(ofFile: path), as: UTF8.self)
}

/// Writes a file anew, for its owner alone; a `FileProblem` when it cannot be written.
package func write(_ bytes: [UInt8], to path: String) throws(FileProblem) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileProblem(path: path) }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw FileProblem(path: path) }
}

/// Writes a text file anew, for its owner alone; a `FileProblem` when it cannot be written.
package func write(_ text: String, to path: String) throws(FileProblem) {
    try write(Array(text.utf8), to: path)
}

/// The names in a directory, sorted, without `.` and `..`; none when it cannot be read.
package func names(inDirectory path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}
