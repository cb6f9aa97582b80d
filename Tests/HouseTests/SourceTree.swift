import Glibc
import Testing

/// A text file of this repository.
struct SourceFile: Sendable {
    /// From the top of the repository, like `Sources/Host/Clocks.swift`.
    var path: String
    var bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The lines without their ends.
    var lines: [Substring] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// The folder below `Sources` or `Tests`: the target, as far as its rules go.
    var target: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : ""
    }

    /// The lines whose code, without comments, has `word` in it; as `path:line`.
    func places(where isMatch: (Substring) -> Bool) -> [String] {
        lines.enumerated().compactMap { index, line in
            let code = line.drop { $0 == " " }
            guard !code.hasPrefix("//"), isMatch(line) else { return nil }
            return "\(path):\(index + 1)"
        }
    }
}

/// The files of this repository, read once.
enum SourceTree {
    static let sources = files(below: "Sources", suffix: ".swift")
    static let tests = files(below: "Tests", suffix: ".swift")
    static let everySwiftFile = sources + tests
    static let migrations = files(below: "Sources", suffix: ".sql")
    /// What operators copy: a secret must not come with it.
    static let deployment =
        ["schedules", "windows-tasks", "systemd", "docs"].flatMap { files(below: $0, suffix: "") }

    /// The top of the repository: three folders above this file.
    static let top: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/")
    }()

    /// The files below `folder` whose names end with `suffix`, in order of their paths; none when there is no folder.
    private static func files(below folder: String, suffix: String) -> [SourceFile] {
        guard let entries = opendir(top + "/" + folder) else { return [] }
        defer { closedir(entries) }
        var files: [SourceFile] = []
        while let entry = readdir(entries) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix(".") else { continue }
            let path = folder + "/" + name
            var status = stat()
            guard stat(top + "/" + path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                files += self.files(below: path, suffix: suffix)
            } else if name.hasSuffix(suffix) {
                files.append(SourceFile(path: path, bytes: read(top + "/" + path, status.st_size)))
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    private static func read(_ path: String, _ size: Int) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: size)
        let count = fread(&bytes, 1, size, file)
        return Array(bytes.prefix(count))
    }
}
