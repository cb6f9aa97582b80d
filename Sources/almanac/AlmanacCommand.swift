import ArgumentParser
import BlockingThread
import Host
import Operations

/// The program: one subcommand for each thing that an operator does.
@main
struct AlmanacCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "almanac",
        abstract: "Runs scheduled jobs against an HTTP API, and records every run.",
        discussion: """
            Jobs are lines of schedule files (*.cron) or Windows Task Scheduler files (*.xml) in the directories of \
            ALMANAC_SCHEDULES. Runs are recorded in PostgreSQL when DB_DSN is set, else in an embedded store.

            Exit status: 0 done, 1 failed, 2 unhealthy, 64 usage, 65 bad input, 69 a service is not reachable, \
            75 try again later, 77 token refused, 78 configuration.
            """,
        version: Program.version,
        subcommands: [
            DaemonCommand.self, CheckCommand.self, JobsCommand.self, NextCommand.self, RunNowCommand.self,
            PauseCommand.self, ResumeCommand.self, RewindCommand.self, HistoryCommand.self, ShowCommand.self,
            AuditCommand.self,
            WhyCommand.self,
            MigrateCommand.self,
            WindowsCommand.self, HealthCommand.self, ReloadCommand.self, CancelCommand.self,
            BackfillCommand.self,
            PreflightCommand.self, CutoverCommand.self, RollbackCommand.self,
            ConfigCommand.self,
        ])

    /// Runs the command of the arguments. A usage error is printed as every other error is.
    static func main() async {
        Descriptors.openStandardStreams()
        // A reload that is asked for while the daemon begins to start is part of the start.
        if CommandLine.arguments.dropFirst().first == "daemon" { Descriptors.ignoreHangups() }
        ProcessInformation.closeToOthers()
        ProcessInformation.forgetKeyLog()
        ThreadPool.install()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            let text = fullMessage(for: error)
            let code = exitCode(for: error)
            if code == .success {
                Console.write(text)
            } else if !text.isEmpty {
                let commands = configuration.subcommands.compactMap { $0.configuration.commandName }
                let message = UsageMessage(text, commands: commands)
                Console.error("error: \(message.error)\nhint: \(message.hint)")
            }
            ProcessInformation.exit(code.rawValue)
        }
    }
}
