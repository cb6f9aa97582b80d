import Glibc
import Host
import TestFiles
import Testing

@Suite("watched files")
struct FileWatcherTests {
    /// Whether the watcher noticed what was done before it was asked.
    private func isNoticed(_ watcher: FileWatcher) async -> Bool {
        watcher.wake()
        return await watcher.wait()
    }

    @Test("what is done to the files of a directory is noticed")
    func directory() async throws {
        try await withTemporaryDirectory { path in
            let watcher = try FileWatcher()
            await watcher.follow([path])
            try write("a", to: path + "/a.cron")
            #expect(await isNoticed(watcher))
            try write("ab", to: path + "/a.cron")
            #expect(await isNoticed(watcher))
            #expect(rename(path + "/a.cron", path + "/b.cron") == 0)
            #expect(await isNoticed(watcher))
            #expect(unlink(path + "/b.cron") == 0)
            #expect(await isNoticed(watcher))
        }
    }

    @Test("a link that is put in the place of another is noticed, wherever on the way it is")
    func links() async throws {
        try await withTemporaryDirectory { path in
            for name in ["one", "two"] {
                #expect(mkdir("\(path)/\(name)", 0o700) == 0)
                try write(name, to: "\(path)/\(name)/a.cron")
            }
            #expect(symlink("one", path + "/current") == 0)
            let watcher = try FileWatcher()
            await watcher.follow([path + "/current"])
            #expect(symlink("two", path + "/next") == 0 && rename(path + "/next", path + "/current") == 0)
            #expect(await isNoticed(watcher))
            // The watcher has found out by itself where the link leads by now.
            try write("more", to: path + "/two/a.cron")
            #expect(await isNoticed(watcher))
        }
    }

    @Test("a directory that is not there yet is noticed when it is made")
    func missing() async throws {
        try await withTemporaryDirectory { path in
            let watcher = try FileWatcher()
            await watcher.follow([path + "/later/still"])
            #expect(mkdir(path + "/later", 0o700) == 0)
            #expect(await isNoticed(watcher))
        }
    }

    @Test("links that lead in a circle are followed no further than the kernel does")
    func circle() async throws {
        try await withTemporaryDirectory { path in
            #expect(symlink("b", path + "/a") == 0 && symlink("a", path + "/b") == 0)
            let watcher = try FileWatcher()
            await watcher.follow([path + "/a"])
            #expect(unlink(path + "/b") == 0)
            #expect(await isNoticed(watcher))
        }
    }

    @Test("waiting ends when its task is cancelled")
    func cancellation() async throws {
        let watcher = try FileWatcher()
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await watcher.wait() }
            group.cancelAll()
            #expect(await group.next() == false)
        }
    }

    @Test("somebody who wakes it ends one wait, also when it begins later, and nothing has happened")
    func waking() async throws {
        try await withTemporaryDirectory { path in
            let watcher = try FileWatcher()
            await watcher.follow([path])
            watcher.wake()
            watcher.wake()
            #expect(await watcher.wait() == false)
            try write("a", to: path + "/a.cron")
            #expect(await watcher.wait(), "the waits of before are over")
        }
    }
}
