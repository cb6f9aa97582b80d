import Glibc
import Systemd
import TestFiles
import Testing

@Suite struct SecretTests {
    @Test(
        "the last line end is not part of a credential",
        arguments: [
            ("token", "token" as String?), ("token\n", "token"), ("token\r\n", "token"),
            ("token\n\n", "token\n"),
            (" to ken ", " to ken "), ("", nil), ("\n", nil),
        ])
    func lineEnd(content: String, expected: String?) throws {
        try withTemporaryDirectory { directory in
            try write(content, to: directory + "/job_token")
            #expect(try Credentials(directory: directory).read("job_token") == expected)
        }
    }

    @Test("a credential that was not passed is none")
    func missingCredential() throws {
        try withTemporaryDirectory { directory in
            let credential = try Credentials(directory: directory).read("db_dsn")
            #expect(credential == nil)
        }
    }

    @Test(
        "a name never leads out of the directory",
        arguments: [
            "", ".", "..", "../job_token", "a/b", "/etc/passwd", "job token", "job\0token",
        ])
    func names(name: String) throws {
        try withTemporaryDirectory { directory in
            #expect(throws: SystemdError(subject: name, reason: .invalidName)) {
                try Credentials(directory: directory).read(name)
            }
        }
    }

    @Test("a credential that is a link is not followed")
    func linkedCredential() throws {
        try withTemporaryDirectory { directory in
            try write("secret", to: directory + "/target")
            symlink("target", directory + "/job_token")
            #expect(throws: SystemdError(subject: directory + "/job_token", reason: .system(errno: ELOOP))) {
                try Credentials(directory: directory).read("job_token")
            }
        }
    }

    @Test("a missing credentials directory is an error, not a missing credential")
    func missingDirectory() {
        #expect(throws: SystemdError(subject: "/nonexistent", reason: .system(errno: ENOENT))) {
            try Credentials(directory: "/nonexistent").read("job_token")
        }
    }

    @Test("the process's credentials are those of its environment")
    func ofProcess() async {
        await #expect(processExitsWith: .success) {
            unsetenv("CREDENTIALS_DIRECTORY")
            #expect(Credentials.ofProcess() == nil)
            try withTemporaryDirectory { directory in
                try write("secret", to: directory + "/job_token")
                setenv("CREDENTIALS_DIRECTORY", directory, 1)
                #expect(try Credentials.ofProcess()?.read("job_token") == "secret")
            }
        }
    }

    @Test("a secret file is followed through links")
    func linkedFile() throws {
        try withTemporaryDirectory { directory in
            try write("secret\n", to: directory + "/target")
            symlink("target", directory + "/link")
            #expect(try SecretFile.read(path: directory + "/link") == "secret")
        }
    }

    @Test(
        "an unusable secret file is refused with its path and the reason",
        arguments: [
            ([], SystemdError.Reason.empty), ([0x0a], .empty), ([0x61, 0x00, 0x62], .notText),
            ([0xff, 0xfe], .notText),
            ([UInt8](repeating: 0x61, count: 65537), .tooLong(bytesMax: 65536)),
        ])
    func unusable(bytes: [UInt8], reason: SystemdError.Reason) throws {
        try withTemporaryDirectory { directory in
            let file = directory + "/secret"
            try write(bytes, to: file)
            #expect(throws: SystemdError(subject: file, reason: reason)) { try SecretFile.read(path: file) }
            #expect(throws: SystemdError(subject: directory + "/none", reason: .system(errno: ENOENT))) {
                try SecretFile.read(path: directory + "/none")
            }
        }
    }

    @Test("the longest secret is read whole")
    func longest() throws {
        try withTemporaryDirectory { directory in
            try write([UInt8](repeating: 0x61, count: 65536), to: directory + "/secret")
            #expect(try SecretFile.read(path: directory + "/secret").utf8.count == 65536)
        }
    }

    @Test("a directory or a pipe is refused without waiting")
    func special() throws {
        try withTemporaryDirectory { directory in
            #expect(throws: SystemdError(subject: directory, reason: .notRegularFile)) {
                try SecretFile.read(path: directory)
            }
            let pipe = directory + "/pipe"
            mkfifo(pipe, 0o600)
            #expect(throws: SystemdError(subject: pipe, reason: .notRegularFile)) {
                try SecretFile.read(path: pipe)
            }
        }
    }

    @Test(
        "each error says what, why and what to do",
        arguments: [
            (SystemdError(subject: "a/b", reason: .invalidName), "“a/b” is not the name of a credential"),
            (
                SystemdError(subject: "/run/x", reason: .system(errno: EACCES)),
                "/run/x cannot be read: Permission denied"
            ),
            (SystemdError(subject: "/run/x", reason: .notRegularFile), "/run/x is not a regular file"),
            (
                SystemdError(subject: "/run/x", reason: .tooLong(bytesMax: 65536)),
                "/run/x is longer than 65536 bytes"
            ),
            (SystemdError(subject: "/run/x", reason: .empty), "/run/x is empty"),
            (SystemdError(subject: "/run/x", reason: .notText), "/run/x is not UTF-8 text"),
            (
                SystemdError(subject: "descriptor “x”", reason: .notListeningSocket),
                "descriptor “x” is not a listening stream socket"
            ),
            (
                SystemdError(subject: "a, b", reason: .tooManySockets(count: 3)),
                "3 sockets were passed (a, b), but at most 2 are listened on"
            ),
        ])
    func texts(error: SystemdError, text: String) {
        #expect(error.description == text)
        #expect(!error.hint.isEmpty)
    }
}
