import Glibc

/// The wall clock of those daemons that are started with it: as the machine's, or as far off as it is set.
struct Clock: Sendable {
    private let library: String
    private let file: String

    /// What the compiler makes it of.
    private static let source =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        + "/set-clock.c"
    private static let compiler = "/usr/bin/cc"

    static var isPossible: Bool { access(compiler, X_OK) == 0 && access(source, R_OK) == 0 }

    /// A right clock, whose files are in `directory`.
    init(in directory: String) async throws {
        library = directory + "/set-clock.so"
        file = directory + "/clock"
        let output = directory + "/cc.log"
        let compiling = try ChildProcess(
            [Self.compiler, "-shared", "-fPIC", "-O1", "-Wall", "-o", library, Self.source],
            environment: ["PATH": "/usr/bin:/bin"], output: output)
        guard try await compiling.end(within: patience) == 0 else { throw Trouble(text(ofFile: output)) }
        try set(.zero)
    }

    /// Sets it so far ahead, or behind when that is negative.
    func set(_ offset: Duration) throws {
        try write("\(offset / .milliseconds(1))\n", to: file + ".new")
        guard rename(file + ".new", file) == 0 else { throw Trouble("\(file) was not written") }
    }

    /// The environment of a daemon that has it.
    var environment: [String: String] { ["LD_PRELOAD": library, "CHAOS_CLOCK": file] }
}
