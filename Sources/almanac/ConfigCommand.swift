import ArgumentParser
import Operations
import RunModel

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print the settings in force, and where each comes from.",
        discussion: """
            Secrets are shown by their length alone. Beside the service root sees the service's settings. \
            With a value that cannot be used a warning says so.
            """)

    @OptionGroup var output: FormOptions

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(.files, isTolerant: true, console: Console.errors)
            let settings = session.settings()
            let problems = settings.filter { $0.problem != nil }
            if output.isJSON {
                Console.write(
                    .object([
                        .init("version", .string(Program.version)), .init("user", .string(session.actor)),
                        .init("store", .string(session.recordsPlace())),
                        .init("settings", .array(settings.map(\.json))),
                    ]))
            } else {
                Console.write(
                    "almanac \(Program.version), as \(session.actor)\nrecords: \(session.recordsPlace())\n")
                var table = Table(
                    ["SETTING", "VALUE", "FROM"], flexible: [.init(column: 1, widthMin: 20)])
                for setting in settings {
                    table.add([setting.name, setting.value ?? "-", setting.origin ?? "-"])
                }
                Console.write(table, colour: output.usesColour, width: output.width)
                for problem in session.configuration.doubts { Console.error("warning: \(problem)") }
                for setting in problems {
                    Console.error("warning: \(setting.name): \(setting.problem ?? "")")
                }
            }
            return .done
        }
    }
}

extension ShownSetting {
    fileprivate var json: JSONValue {
        .object([
            .init("name", .string(name)), .init("value", JSONValue(value)), .init("from", JSONValue(origin)),
            .init("problem", JSONValue(problem)),
        ])
    }
}
