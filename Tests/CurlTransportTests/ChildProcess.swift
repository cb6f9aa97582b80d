import Glibc
import Spawning

/// A program that was started and whose output is read line by line.
final class ChildProcess {
    private let id: pid_t
    private let output: UnsafeMutablePointer<FILE>

    /// Starts a program of the search path, its output (not its errors) piped to here.
    init(_ arguments: [String]) throws(SocketError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0, let output = fdopen(ends[0], "r") else { throw SocketError(code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        do {
            id = try spawn(arguments, output: ends[1])
        } catch {
            fclose(output)
            close(ends[1])
            throw SocketError(code: error.code)
        }
        close(ends[1])
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

    /// Ends the program.
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
