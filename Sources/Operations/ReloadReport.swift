package import Host

/// How the last reload of a daemon ended, kept in its state directory for whoever asked for it.
package struct ReloadReport: Sendable, Equatable {
    /// The daemon's process.
    package var process: Int32
    /// Counts the reloads of that process that have ended, from 1.
    package var number: Int
    /// The jobs in force.
    package var jobs: Int
    /// Why the files were refused; nil when they came into force.
    package var problem: String?

    package init(process: Int32, number: Int, jobs: Int, problem: String?) {
        self.process = process
        self.number = number
        self.jobs = jobs
        self.problem = problem
    }

    /// Reads the report in a state directory; nil when there is none.
    package init?(in directory: String) {
        guard let text = StateDirectory.text(of: Self.file(directory), bytesMax: Self.bytesMax) else {
            return nil
        }
        let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = lines[0].split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 3, lines.count == 2, let process = Int32(exactly: numbers[0]) else {
            return nil
        }
        let problem = lines[1].split(separator: "\n").joined(separator: "\n")
        self.init(
            process: process, number: numbers[1], jobs: numbers[2], problem: problem.isEmpty ? nil : problem)
    }

    /// Writes the report into a state directory.
    package func write(to directory: String) throws(HostError) {
        let text = "\(process) \(number) \(jobs)\n\(problem ?? "")\n"
        try StateDirectory.write(Array(text.utf8.prefix(Self.bytesMax)), to: Self.file(directory))
    }

    private static func file(_ directory: String) -> String { directory + "/reload" }
    /// More than any problem says.
    private static let bytesMax = 4096
}
