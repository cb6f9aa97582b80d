import ArgumentParser
import Operations
import Records
import RunModel

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the store's schema up to date, or verify it.",
        subcommands: [Up.self, Audit.self])

    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "up", abstract: "Apply the migrations that are missing; harmless when none is.")

        @OptionGroup var output: FormOptions

        func run() async throws {
            try await Console.exiting {
                let session = try Program.session(console: Console.errors)
                let (applied, place) = try await session.migrateUp()
                if output.isJSON {
                    Console.write(.object([.init("applied", .array(applied.map { .string($0) }))]))
                } else {
                    Console.write(
                        applied.isEmpty
                            ? "nothing to apply to \(place)"
                            : (applied.map { "applied \($0)" } + ["to \(place)"]).joined(separator: "\n"))
                }
                return .done
            }
        }
    }

    struct Audit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "audit",
            abstract: "Verify the schema; exits with 1 when anything is missing or altered.")

        @OptionGroup var output: FormOptions

        func run() async throws {
            try await Console.exiting {
                let session = try Program.session(console: Console.errors)
                let findings = try await session.auditMigrations()
                let isGood = !findings.contains(where: \.isWrong)
                if output.isJSON {
                    Console.write(
                        .object([
                            .init("ok", .bool(isGood)),
                            .init(
                                "migrations",
                                .array(
                                    findings.map {
                                        .object([
                                            .init("name", .string($0.name)),
                                            .init("status", .string($0.state.rawValue)),
                                            .init("ok", .bool(!$0.isWrong)),
                                            .init("remedy", $0.remedy.map { .string($0) } ?? .null),
                                        ])
                                    })
                            ),
                        ]))
                } else {
                    var table = Table(["MIGRATION", "STATUS"])
                    for finding in findings { table.add([finding.name, finding.state.rawValue]) }
                    Console.write(table, colour: output.usesColour)
                    for remedy in findings.compactMap(\.remedy) {
                        Console.write("hint: as the owner of the schema, run: \(remedy)")
                    }
                    if let hint = StoreError(schemaOf: findings.filter { $0.remedy == nil })?.hint {
                        Console.write("hint: \(hint)")
                    }
                }
                return isGood ? .done : .failed
            }
        }
    }
}
