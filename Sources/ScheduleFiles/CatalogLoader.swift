package import CivilTime
import Glibc
package import JobCatalog

/// Reads schedule files and makes a catalog of them.
package struct CatalogLoader: Sendable {
    private let zones: any ZoneSource
    private let taskZone: String?

    /// The most schedule files of a directory: a mistaken path must not be read for ever.
    package static let filesMax = 10_000

    /// A loader that finds time zones in `zones`; `taskZone` is the zone of task files' boundaries that name
    /// none.
    package init(zones: any ZoneSource, taskZone: String?) {
        self.zones = zones
        self.taskZone = taskZone
    }

    /// Reads every `.cron` and `.xml` file of `paths`, which are files or directories (not searched further
    /// down).
    ///
    /// All problems of all files are found; `now` tells schedules that have no occurrence left, and `refusal` why requests
    /// of a job may not be made.
    package func load(
        _ paths: [String], now: Instant, isHashed: Bool = true,
        refusal: (Job) -> ValueRules.Refusal? = { _ in nil }
    ) -> (catalog: Catalog, diagnostics: [Diagnostic]) {
        var builder = CatalogBuilder()
        for path in paths {
            switch Self.files(at: path) {
            case .success(let files):
                for place in [path] + files.filter({ $0 != path }) {
                    Self.checkWritability(of: place, &builder)
                }
                for file in files { read(file, now, &builder, refusal) }
                if files.isEmpty {
                    builder.add(
                        Diagnostic(
                            .warning, at: SourceLocation(file: path, line: 1), code: "no-files",
                            "there is no schedule file in this directory",
                            hint: "their names end in .cron or .xml"))
                }
            case .failure(let problem):
                builder.add(
                    Diagnostic(
                        .error, at: SourceLocation(file: path, line: 1), code: "unreadable", problem.message,
                        hint: problem.hint))
            }
        }
        return (
            builder.catalog(zoneData: zones.dataVersion, isHashed: isHashed),
            builder.sortedDiagnostics + builder.refusals
        )
    }

    /// The code of a warning that somebody else can write a file or a directory.
    package static let writableCode = "writable"

    private static func checkWritability(of path: String, _ builder: inout CatalogBuilder) {
        guard let problem = Writability.problem(of: path) else { return }
        builder.add(
            Diagnostic(
                .warning, at: SourceLocation(file: path, line: 1), code: writableCode, problem.message,
                hint: problem.hint))
    }

    /// Why a file or directory could not be read.
    package struct Unreadable: Error, Sendable {
        /// What is wrong with it, as the end of a sentence that begins with its path.
        package var message: String
        /// What to do about it; nil when the message says enough.
        package var hint: String?
    }

    private func read(
        _ file: String, _ now: Instant, _ builder: inout CatalogBuilder,
        _ refusal: (Job) -> ValueRules.Refusal?
    ) {
        let bytes: [UInt8]
        do throws(Unreadable) {
            bytes = try Self.bytes(of: file)
        } catch {
            builder.add(
                Diagnostic(
                    .error, at: SourceLocation(file: file, line: 1), code: "unreadable", error.message,
                    hint: error.hint))
            return
        }
        if file.hasSuffix(".xml") {
            let tasks = TaskJobs(bytes, file: file, zones: zones, localZone: taskZone, now: now)
            builder.add(tasks, refusal: refusal)
        } else {
            let lines = ScheduleFile(bytes, file: file, zones: zones, now: now, parts: &builder.parts)
            builder.add(lines.jobs, lines.diagnostics, line: lines.sourceLine, refusal: refusal)
        }
    }

    static func files(at path: String) -> Result<[String], Unreadable> {
        guard let directory = unsafe opendir(path) else {
            if errno == ENOTDIR {
                guard isScheduleFile(path) else {
                    return .failure(
                        Unreadable(
                            message: "the file is neither .cron nor .xml", hint: "rename it, or name another")
                    )
                }
                return .success([path])
            }
            return .failure(
                Unreadable(message: "cannot be read: \(errorText())", hint: "create it, or name another path")
            )
        }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if isScheduleFile(name), !name.hasPrefix(".") { names.append(name) }
            if names.count > filesMax {
                return .failure(
                    Unreadable(message: "more than \(filesMax) schedule files", hint: "name another path"))
            }
        }
        let base = path.hasSuffix("/") ? String(path.dropLast()) : path
        return .success(names.sorted().map { "\(base)/\($0)" })
    }

    private static func isScheduleFile(_ name: String) -> Bool {
        name.hasSuffix(".cron") || name.hasSuffix(".xml")
    }

    /// The bytes of a file, up to one more than the largest schedule file has.
    package static func bytes(of file: String) throws(Unreadable) -> [UInt8] {
        // Opening a pipe would wait for its writer.
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            let hint =
                errno == EACCES
                ? "make it readable by the user almanac runs as"
                : "is the path right, and is the file still there?"
            throw Unreadable(message: "cannot be read: \(errorText())", hint: hint)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Unreadable(
                message: "is not a regular file", hint: "name a file, or remove this from the directory")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        // One byte more than the largest file shows that it is too large.
        while bytes.count <= ScheduleFile.bytesMax {
            let size = chunk.count
            let count = unsafe Glibc.read(descriptor, &chunk, size)
            if count == 0 { break }
            guard count > 0 else { throw Unreadable(message: "cannot be read: \(errorText())") }
            bytes += chunk[..<count]
        }
        return bytes
    }

    private static func errorText() -> String {
        unsafe String(cString: strerror(errno))
    }
}
