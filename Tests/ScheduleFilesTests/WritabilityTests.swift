import Glibc
import TestFiles
import Testing

@testable import ScheduleFiles

@Suite("who can write schedule files")
struct WritabilityTests {
    @Test(
        "what everybody or a shared group can write is not trusted, and the hint says how to close it",
        arguments: [
            (0o600, 65_534, nil), (0o644, 65_534, nil), (0o664, 65_534, "chmod g-w"),
            (0o666, 65_534, "chmod o-w"),
            (0o602, 65_534, "chmod o-w"), (0o664, 0, nil),
        ] as [(mode_t, gid_t, String?)])
    func modes(mode: mode_t, group: gid_t, hint: String?) throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/jobs.cron"
            try write("", to: path)
            // Only root gives a file to any group.
            guard chown(path, getuid(), group) == 0 else { return }
            try #require(chmod(path, mode) == 0)
            #expect(Writability.problem(of: path)?.hint == hint.map { "\($0) \(path)" })
        }
    }
}
