import BlockingThread
import CLinux
import Glibc

/// Notices that files of directories were added, written, replaced or removed (inotify(7)).
///
/// It only says that something happened: who asks looks at the files. Waiting blocks, so the watcher has a thread of
/// its own; while nothing happens it costs nothing.
package actor FileWatcher {
    private let executor = ThreadExecutor()
    private let watch: Int32
    private nonisolated let interruption: Int32
    /// The directories that are watched, with the numbers of their watches.
    private var directories: [String: Int32] = [:]
    private var followed: [String] = []

    /// A watcher that watches nothing yet. Throws when the system has no watch left.
    package init() throws(HostError) {
        watch = CLinux_makeWatch()
        guard watch >= 0 else {
            throw HostError(
                "files cannot be watched", errno: errno, hint: "raise fs.inotify.max_user_instances (sysctl)")
        }
        interruption = CLinux_makeEvent()
        guard interruption >= 0 else {
            let code = errno
            close(watch)
            throw HostError("files cannot be watched", errno: code)
        }
    }

    deinit {
        close(watch)
        close(interruption)
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Watches the directories on the way to `paths`, as far as something else can be put there: those that hold the
    /// files, and those that hold the symbolic links that lead to them.
    package func follow(_ paths: [String]) {
        followed = paths
        watchDirectories()
    }

    private func watchDirectories() {
        let wanted = Set(followed.flatMap { PathWalk($0).directories })
        for (path, number) in directories where !wanted.contains(path) {
            directories[path] = nil
            // Two paths of one directory share a watch.
            if !directories.values.contains(number) { _ = CLinux_forgetDirectory(watch, number) }
        }
        for path in wanted.sorted() {
            // Also one that is watched: something else may have taken its place.
            let number = unsafe CLinux_watchDirectory(watch, path)
            directories[path] = number >= 0 ? number : nil
        }
    }

    /// Ends the wait that is under way, or else the next one.
    package nonisolated func wake() {
        var one: UInt64 = 1
        _ = unsafe write(interruption, &one, MemoryLayout<UInt64>.size)
    }

    /// Waits until something happened, or until somebody wakes it, or until the waiting task is cancelled; answers
    /// whether something happened.
    ///
    /// By then it has looked again where the paths that it follows lead: whoever looks at the files after that misses
    /// nothing.
    @discardableResult
    package func wait() async -> Bool {
        await withTaskCancellationHandler {
            let hasHappened = block()
            watchDirectories()
            return hasHappened
        } onCancel: {
            wake()
        }
    }

    private func block() -> Bool {
        guard !Task.isCancelled else { return false }
        var descriptors = [
            pollfd(fd: watch, events: Int16(POLLIN), revents: 0),
            pollfd(fd: interruption, events: Int16(POLLIN), revents: 0),
        ]
        // A wait that a signal ends early is a look too many.
        _ = unsafe poll(&descriptors, nfds_t(descriptors.count), -1)
        var wakes: UInt64 = 0
        _ = unsafe read(interruption, &wakes, MemoryLayout<UInt64>.size)
        var buffer = [UInt8](repeating: 0, count: 16384)
        let size = buffer.count
        var hasHappened = false
        while unsafe read(watch, &buffer, size) > 0 { hasHappened = true }
        return hasHappened
    }
}

/// The way that a path takes through directories and symbolic links.
struct PathWalk {
    /// Where something else can be put in the path's place: directories in which a symbolic link or the end was found,
    /// or in which nothing was.
    private(set) var directories: [String] = []

    /// As many as the kernel follows (path_resolution(7)).
    private static let linksMax = 40

    init(_ path: String) {
        var parts = path.split(separator: "/").map(String.init)
        var directory = path.hasPrefix("/") ? "/" : "."
        var links = 0
        while !parts.isEmpty {
            let place = (directory == "/" ? "" : directory) + "/" + parts.removeFirst()
            var status = stat()
            guard unsafe lstat(place, &status) == 0 else {
                directories.append(directory)
                return
            }
            switch status.st_mode & S_IFMT {
            case S_IFLNK:
                directories.append(directory)
                links += 1
                guard links <= Self.linksMax, let target = Self.target(place) else { return }
                parts = target.split(separator: "/").map(String.init) + parts
                if target.hasPrefix("/") { directory = "/" }
            case S_IFDIR: directory = place
            default:
                directories.append(directory)
                return
            }
        }
        directories.append(directory)
    }

    private static func target(_ link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let size = buffer.count
        let count = unsafe readlink(link, &buffer, size)
        return count > 0
            ? String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }
}
