import Glibc
import TestFiles
import Testing

@testable import Host

@Suite("files of the state directory")
struct StateDirectoryTests {
    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode : 0
    }

    @Test("whatever the umask, they are their owner's alone")
    func modes() async throws {
        let temporary = try TemporaryDirectory()
        defer { temporary.remove() }
        let state = temporary.path + "/state"
        try StateDirectory.make(state)
        try StateDirectory.lock(state)
        try StateDirectory.note("x", in: state)
        _ = try StateDirectory.identity(state)
        try StateDirectory.write([1], to: state + "/boot")
        #expect(mode(state) & 0o7777 == 0o700)
        for name in ["daemon.lock", "records", "host-id", "boot"] {
            #expect(mode(state + "/" + name) == S_IFREG | 0o600, "\(name)")
        }
    }

    @Test("a link in the place of one is not followed, and the file that it names stays as it is")
    func links() throws {
        let temporary = try TemporaryDirectory()
        defer { temporary.remove() }
        let (state, victim) = (temporary.path, temporary.path + "/victim")
        for name in ["daemon.lock", "records", "records.new", "host-id", "host-id.new"] {
            try #require(symlink(victim, state + "/" + name) == 0)
        }
        let error = #expect(throws: HostError.self) { try StateDirectory.lock(state) }
        #expect(error?.hint?.contains("rm ") == true)
        try StateDirectory.note("x", in: state)
        let id = try StateDirectory.identity(state)
        #expect(try StateDirectory.identity(state) == id)
        #expect(mode(victim) == 0)
        #expect(mode(state + "/records") == S_IFREG | 0o600)
    }

    @Test(
        "a file or a directory of somebody else is refused, with the command that gives it to this user",
        .enabled(if: getuid() == 0))
    func owners() throws {
        let temporary = try TemporaryDirectory()
        defer { temporary.remove() }
        let state = temporary.path
        try write("1", to: state + "/daemon.lock")
        try #require(chown(state + "/daemon.lock", 65534, 65534) == 0)
        let lock = #expect(throws: HostError.self) { try StateDirectory.lock(state) }
        #expect(lock?.hint == "chown 0 \(state)/daemon.lock")
        try #require(chown(state, 65534, 65534) == 0)
        let directory = #expect(throws: HostError.self) { try StateDirectory.make(state) }
        #expect(directory?.hint?.hasPrefix("chown -R 0 \(state)") == true)
    }
}
