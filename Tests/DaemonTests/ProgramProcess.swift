import Glibc
import Spawning
import TestFiles
import Testing

/// A program of this package that runs as a process of its own; its output goes to files.
final class ProgramProcess {
    /// How a program ended, and what it said.
    struct Result {
        /// The exit status, or 128 and the number of the signal that ended it.
        var status: Int32
        var output: String
        var errors: String
    }

    let id: pid_t
    private let outputPath: String
    private let errorPath: String
    private var status: Int32?

    /// Starts a program: one that stands beside the tests, or one of the system by its path.
    init(_ arguments: [String], environment: [String: String], directory: String) throws {
        let path = arguments[0].contains("/") ? arguments[0] : try builtProgram(arguments[0])
        let name = "\(directory)/\(UInt64.random(in: 0 ... .max))"
        let (outputPath, errorPath) = (name + ".out", name + ".err")
        (self.outputPath, self.errorPath) = (outputPath, errorPath)
        id = try withOutputFile(outputPath) { output throws(SpawnError) in
            try withOutputFile(errorPath) { errors throws(SpawnError) in
                try spawn(
                    [path] + arguments.dropFirst(), environment: environment, output: output, errors: errors)
            }
        }
    }

    /// A program that no test has waited for is ended, so that none outlives the tests.
    deinit {
        guard status == nil else { return }
        kill(id, SIGKILL)
        var status: Int32 = 0
        waitpid(id, &status, 0)
    }

    /// What it has written to its standard output so far.
    var output: String { textIfAny(inFile: outputPath) }

    /// What it has written to its standard error so far.
    var errors: String { textIfAny(inFile: errorPath) }

    /// Sends a signal.
    func signal(_ number: Int32) {
        kill(id, number)
    }

    /// Tells it to stop, and waits until it has done so in order.
    func stop(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        signal(SIGTERM)
        let result = try await result()
        #expect(result.status == 0, "\(result.errors)", sourceLocation: sourceLocation)
    }

    /// How it ended, once it has.
    func result() async throws -> Result {
        try await eventually("process \(id) ends") { self.hasEnded }
        return Result(status: try #require(status), output: output, errors: errors)
    }

    /// Whether it has ended.
    var hasEnded: Bool {
        guard status == nil else { return true }
        var raw: Int32 = 0
        guard waitpid(id, &raw, WNOHANG) == id else { return false }
        let signal = raw & 0x7f
        status = signal == 0 ? (raw >> 8) & 0xff : 128 + signal
        return true
    }
}

/// Waits until `condition` holds; fails after minutes, which no condition needs unless it never comes: the tests, and the
/// stand-in for the API with them, share few threads with others that compute for a minute.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(300)
    while try await !condition() {
        try #require(clock.now < end, "it does not come that \(what)")
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// The text of a file; empty when it cannot be read.
func textIfAny(inFile path: String) -> String {
    // Whoever asks again and again looks at what is there so far, and whoever asks once at the text.
    (try? text(ofFile: path)) ?? ""
}
