import ArgumentParser
import Daemon
import Operations

struct DaemonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon", abstract: "Wait for what is due, and run it: the service.",
        discussion: """
            SIGTERM stops it: what is under way may end within ALMANAC_DRAIN_LIMIT (25s), a second SIGTERM hurries. \
            SIGHUP reads the schedule files again; when one has an error, the jobs stay as they were.
            """)

    func run() async throws {
        try await Console.exiting {
            let session: Session
            do throws(CommandError) {
                session = try Program.session(console: Console.errors)
            } catch {
                DaemonProgram.tellManager(of: error)
                throw error
            }
            return try await DaemonProgram(session).run()
        }
    }
}
