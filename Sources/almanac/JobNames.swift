import ArgumentParser
import Operations

/// The names of jobs, for shells that complete them.
enum JobNames {
    /// The jobs of the schedule files that this user can read; none when something is wrong, for a shell shows no errors.
    static let completion = CompletionKind.custom { _, _, beginning in
        Program.jobNames().filter { $0.hasPrefix(beginning) }
    }
}
