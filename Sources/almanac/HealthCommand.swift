import ArgumentParser
import Operations

struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask the running daemon how it is.",
        discussion:
            "Exits with 0 for pass, 1 for warn, 2 for fail, 69 when no daemon answers on ALMANAC_LISTEN.")

    @OptionGroup var output: FormOptions

    @OptionGroup var watching: WatchOptions

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(.files, console: Console.errors)
            if watching.watch {
                try await Watch.run { () throws(CommandError) in text(try await session.askHealth()) }
                return .done
            }
            let answer = try await session.askHealth()
            if output.isJSON {
                Console.write(answer.text)
            } else {
                Console.write(tables: text(answer))
            }
            return answer.exitStatus
        }
    }

    private func text(_ answer: HealthAnswer) -> String {
        var table = Table(["CHECK", "STATUS", "VALUE", "DETAIL"], flexible: [.init(column: 3, widthMin: 24)])
        for check in answer.checks {
            table.add([check.name, check.status, check.value, check.detail])
        }
        return "status: \(answer.status)\n" + table.text(colour: output.usesColour, width: output.width)
    }
}
