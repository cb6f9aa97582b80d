import ArgumentParser
import Host
import Operations

/// The option of commands that can be shown again and again.
struct WatchOptions: ParsableArguments {
    @Flag(help: "Show it again every 2 s until q is typed.")
    var watch = false
}

enum Watch {
    private static let interval: Duration = .seconds(2)

    /// Shows what `screen` answers, or its error, until somebody types `q`.
    static func run(_ screen: () async throws(CommandError) -> String) async throws(CommandError) {
        guard let terminal = TerminalScreen() else {
            throw CommandError(
                .usage, "--watch needs a terminal", hint: "leave it out: the output is for a file or a pipe")
        }
        repeat {
            do throws(CommandError) {
                terminal.show(PrintableText.spelled(try await screen()))
            } catch {
                let text = "error: \(error.message)" + (error.hint.map { "\nhint: \($0)" } ?? "")
                terminal.show(PrintableText.of(text + "\n\nit is asked again every 2 s; q ends it"))
            }
        } while !terminal.isEnded(within: interval)
    }
}
