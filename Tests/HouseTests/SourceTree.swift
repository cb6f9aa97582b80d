import TestFiles

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
    static let models = files(below: "Tests/Support/Model", suffix: ".pml")
    /// What operators copy: a secret must not come with it.
    static let deployment =
        ["schedules", "windows-tasks", "systemd", "docs"].flatMap { files(below: $0, suffix: "") }

    /// What people read before and beside the program.
    static let documents =
        files(below: "docs", suffix: "") + ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].compactMap(file)

    /// The top of the repository: three folders above this file.
    static let top: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/")
    }()

    /// The files below `folder` whose names end with `suffix`, in order of their paths; none when there is no folder.
    private static func files(below folder: String, suffix: String) -> [SourceFile] {
        names(inDirectory: top + "/" + folder).filter { !$0.hasPrefix(".") }.flatMap { name in
            let path = folder + "/" + name
            let files = files(below: path, suffix: suffix)
            if !files.isEmpty || !name.hasSuffix(suffix) { return files }
            return file(path).map { [$0] } ?? []
        }.sorted { $0.path < $1.path }
    }

    private static func file(_ path: String) -> SourceFile? {
        // A folder cannot be read as a file is.
        guard let bytes = try? bytes(ofFile: top + "/" + path) else { return nil }
        return SourceFile(path: path, bytes: bytes)
    }
}
