import Glibc

/// A program that was started and whose output is read line by line.
final class ChildProcess {
    private let id: pid_t
    private let output: UnsafeMutablePointer<FILE>

    /// Starts a program of the search path, its output (not its errors) piped to here.
    init(_ arguments: [String]) throws(SocketError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0, let output = fdopen(ends[0], "r") else { throw SocketError(code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id = pid_t()
        let code = posix_spawnp(&id, arguments[0], &actions, nil, &words, environ)
        close(ends[1])
        guard code == 0 else {
            fclose(output)
            throw SocketError(code: code)
        }
        self.id = id
        self.output = output
    }

    /// The next line of the output, nil at its end.
    func line() -> String? {
        var text: UnsafeMutablePointer<CChar>?
        var size = 0
        defer { free(text) }
        guard getline(&text, &size, output) > 0, let text else { return nil }
        return String(cString: text)
    }

    /// Waits for the end; true when it was a success.
    func wait() -> Bool {
        var status: Int32 = 0
        waitpid(id, &status, 0)
        fclose(output)
        return status == 0
    }

    /// Ends the program; with a signal that it cannot block, as it has the signal mask of the thread that
    /// started it.
    func end() {
        kill(id, SIGKILL)
        _ = wait()
    }

    /// Runs a program to its end.
    static func run(_ arguments: [String]) throws {
        guard try ChildProcess(arguments).wait() else { throw ProgramFailed(arguments: arguments) }
    }
}

struct ProgramFailed: Error {
    var arguments: [String]
}
