import Glibc
import ScheduleFiles
import Testing

@Suite("schedule files that change")
struct FileSettlingTests {
    /// The fingerprint of a directory after each step that `body` takes.
    private func withFingerprints(_ body: (String, () -> FileFingerprint) throws -> Void) throws {
        var template = Array("/tmp/almanac-files-XXXXXX".utf8CString)
        _ = try #require(mkdtemp(&template))
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            for name in ["a.cron", "b.cron", "c.xml", "note.txt"] { unlink("\(path)/\(name)") }
            rmdir(path)
        }
        try body(path) { FileFingerprint([path]) }
    }

    private func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
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
