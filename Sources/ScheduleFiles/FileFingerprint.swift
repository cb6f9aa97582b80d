import Glibc

/// What tells that schedule files are still those that were read: their names, places, sizes and times.
package struct FileFingerprint: Sendable, Equatable {
    /// One file, or why there is none.
    private struct Entry: Sendable, Equatable {
        var path: String
        var numbers: [Int]
    }

    private var entries: [Entry] = []

    /// The fingerprint of the schedule files of `paths`, and of the files `others`, as they are now. The content is not
    /// read.
    package init(_ paths: [String], others: [String] = []) {
        for path in paths {
            switch CatalogLoader.files(at: path) {
            case .success(let files): entries += files.map { Entry(path: $0, numbers: Self.numbers(of: $0)) }
            case .failure(let problem):
                entries.append(Entry(path: path + ": " + problem.message, numbers: []))
            }
        }
        entries += others.map { Entry(path: $0, numbers: Self.numbers(of: $0)) }
    }

    /// The files of the fingerprint, in the order of reading.
    package var files: [String] { entries.map(\.path) }

    private static func numbers(of file: String) -> [Int] {
        var status = stat()
        guard unsafe fstatat(AT_FDCWD, file, &status, 0) == 0 else { return [Int(errno)] }
        let numbers: [Int] = [
            Int(truncatingIfNeeded: status.st_dev), Int(truncatingIfNeeded: status.st_ino),
            Int(status.st_size),
        ]
        // The second time also changes when a file is written and its first time is put back.
        return numbers + [status.st_mtim, status.st_ctim].flatMap { [$0.tv_sec, $0.tv_nsec] }
    }
}

/// Decides when files that change are to be read: never while somebody may still be writing them.
package struct FileSettling: Sendable {
    /// What a look at the files says.
    package enum Verdict: Sendable, Equatable {
        /// They are those that were read.
        case unchanged
        /// They changed since the last look: look again after `FileSettling.interval`.
        case settling
        /// They changed, and were the same at the last look.
        case settled
    }

    /// Files that stay the same for so long are written to their end: longer than a pause of a program that writes.
    package static let interval: Duration = .seconds(2)

    private var read: FileFingerprint
    private var seen: FileFingerprint?

    /// The files were `read` like this.
    package init(read: FileFingerprint) {
        self.read = read
    }

    /// The files are like this now.
    package mutating func look(_ now: FileFingerprint) -> Verdict {
        guard now != read else {
            seen = nil
            return .unchanged
        }
        defer { seen = now }
        return seen == now ? .settled : .settling
    }

    /// Whether the files are those that were read.
    package func isRead(_ now: FileFingerprint) -> Bool { now == read }

    /// The files were read, and were the same before and after.
    package mutating func didRead(_ now: FileFingerprint) {
        read = now
        seen = nil
    }
}
