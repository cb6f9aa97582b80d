import ArgumentParser
import Operations
import RunModel

struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask the running daemon how it is.",
        discussion:
            "Exits with 0 for pass, 1 for warn, 2 for fail, 69 when no daemon answers on ALMANAC_LISTEN.")

    @OptionGroup var output: FormOptions

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(.files, console: Console.errors)
            let answer = try await session.askHealth()
            if output.isJSON {
                Console.write(answer.text)
            } else {
                Console.write("status: \(answer.status)")
                var table = Table(
                    ["CHECK", "STATUS", "VALUE", "DETAIL"], flexible: [.init(column: 3, widthMin: 24)],
                    isWrapped: true)
                for check in answer.checks {
                    table.add([check.name, check.status, check.value, check.detail])
                }
                Console.write(table, colour: output.usesColour, width: output.width)
            }
            return answer.exitStatus
        }
    }
}
