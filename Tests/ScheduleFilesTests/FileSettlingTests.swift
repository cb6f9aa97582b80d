import Glibc
import ScheduleFiles
import TestFiles
import Testing

@Suite("schedule files that change")
struct FileSettlingTests {
    /// The fingerprint of a directory after each step that `body` takes.
    private func withFingerprints(_ body: (String, () -> FileFingerprint) throws -> Void) throws {
        try withTemporaryDirectory { path in try body(path) { FileFingerprint([path]) } }
    }

    @Test("files that stay the same are not read again, and those of no schedule never are")
    func unchanged() throws {
        try withFingerprints { path, fingerprint in
            try write("a", to: path + "/a.cron")
            var settling = FileSettling(read: fingerprint())
            #expect(settling.look(fingerprint()) == .unchanged)
            try write("x", to: path + "/note.txt")
            #expect(settling.look(fingerprint()) == .unchanged)
        }
    }

    @Test("a file that is still being written is not read")
    func halfWritten() throws {
        try withFingerprints { path, fingerprint in
            var settling = FileSettling(read: fingerprint())
            for length in 1...5 {
                try write(String(repeating: "a", count: length), to: path + "/a.cron")
                #expect(settling.look(fingerprint()) == .settling)
            }
            #expect(settling.look(fingerprint()) == .settled)
            settling.didRead(fingerprint())
            #expect(settling.look(fingerprint()) == .unchanged)
        }
    }

    @Test("a change that is taken back before it settles is none")
    func takenBack() throws {
        try withFingerprints { path, fingerprint in
            var settling = FileSettling(read: fingerprint())
            try write("a", to: path + "/a.cron")
            #expect(settling.look(fingerprint()) == .settling)
            #expect(unlink(path + "/a.cron") == 0)
            #expect(settling.look(fingerprint()) == .unchanged)
        }
    }

    @Test("files that are added, removed or replaced by others of their size are other files")
    func kinds() throws {
        try withFingerprints { path, fingerprint in
            var seen = [fingerprint()]
            func expectChange() {
                let now = fingerprint()
                #expect(!seen.contains(now))
                seen.append(now)
            }
            try write("a", to: path + "/a.cron")
            expectChange()
            try write("x", to: path + "/c.xml")
            expectChange()
            try write("b", to: path + "/b.cron")
            #expect(rename(path + "/b.cron", path + "/a.cron") == 0)
            expectChange()
            #expect(unlink(path + "/c.xml") == 0)
            expectChange()
            #expect(symlink("nowhere", path + "/b.cron") == 0)
            expectChange()
        }
    }

    @Test("a directory that cannot be read is a change, too")
    func unreadable() {
        #expect(FileFingerprint(["/nowhere"]) == FileFingerprint(["/nowhere"]))
        #expect(FileFingerprint(["/nowhere"]) != FileFingerprint([]))
    }
}
