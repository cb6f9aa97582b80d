import ArgumentParser
import CivilTime
import JobCatalog
import Operations
import RunModel
import Scheduling
import TaskXML

struct WindowsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "windows", abstract: "Read and write files of Windows Task Scheduler.",
        subcommands: [WindowsInspect.self, WindowsRender.self, WindowsImport.self])
}

struct WindowsRender: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render", abstract: "Write jobs as files that Task Scheduler imports.",
        discussion: """
            UTF-16 with a byte order mark, Z on boundaries of UTC schedules, curl.exe -fsS. The job token is not in the \
            file: curl reads the header from C:\\ProgramData\\Almanac\\job-token.header, which install-tasks.ps1 makes. \
            A schedule that Task Scheduler cannot say is refused with the reason, and then no file is written.
            """)

    @Argument(help: "The names of jobs.")
    var jobs: [String] = []

    @Flag(help: "Every job.")
    var all = false

    @Option(help: "The directory to write into; one file NAME.xml a job.")
    var output: String

    @Option(
        help: "Time zone of the Windows machine; needed only if it still changes its clocks.")
    var machineTimeZone: String?

    func validate() throws { try ScopeArguments.validate(jobs, all: all) }

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(.settings, console: Console.errors)
            let chosen = try all ? session.catalog().jobs : jobs.map { try session.job($0) }
            for task in try session.render(chosen, into: output, machineZone: machineTimeZone) {
                Console.write("\(task.job): \(task.path)")
                for loss in task.losses { Console.error("warning: \(task.path): \(loss)") }
                if !task.openValues.isEmpty {
                    Console.error(
                        "warning: \(task.path) leaves \(task.openValues.map { "%\($0)%" }.joined(separator: ", ")) open"
                            + "\nhint: set them here, or as variables of the Windows machine (setx /M)")
                }
            }
            return .done
        }
    }
}

struct WindowsImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Print the lines of a schedule file that mean the same as task files.")

    @Argument(help: "Task files.")
    var files: [String]

    @Option(help: "The zone of boundaries that name none, like Europe/Berlin.")
    var timeZone: String?

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(.settings, console: Console.errors)
            var errors = 0
            for file in files {
                let tasks = try session.inspect(file, zone: timeZone)
                for diagnostic in tasks.diagnostics where diagnostic.severity >= .repair {
                    Console.error(diagnostic.rendered)
                }
                errors += tasks.diagnostics.count { $0.severity == .error }
                for warning in tasks.jobs.compactMap(session.valueWarning) { Console.error(warning.rendered) }
                for job in tasks.jobs {
                    do throws(TaskWriteError) {
                        let lines = try job.cronLines(from: session.now())
                        for line in lines { Console.write(line) }
                        if lines.isEmpty {
                            Console.error(
                                "\(file): warning: \(job.name) has no line, since it is never due again")
                        }
                        if lines.count > 1 {
                            Console.error(
                                "\(file): warning: \(job.name) becomes \(lines.count) jobs, as a line has one schedule;"
                                    + " where two are due at once, both run")
                        }
                    } catch {
                        errors += 1
                        Console.error(
                            "\(file): error: \(job.name): \(error)"
                                + (error.hint.map { "\nhint: \($0)" } ?? ""))
                    }
                }
            }
            return errors == 0 ? .done : .badInput
        }
    }
}

struct WindowsInspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Explain task files: schedule, request, policies, repairs, verdicts.")

    @Argument(help: "Task files.")
    var files: [String]

    @Option(
        help: "The zone of boundaries that name none, and to print times in; UTC for printing when left out.")
    var timeZone: String?

    @OptionGroup var output: FormOptions

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(.settings, console: Console.errors)
            let zone = try timeZone.map { try session.zone($0) }
            let times = TimeText(zone: zone ?? .utc)
            var reports: [TaskReport] = []
            for file in files {
                let jobs = try session.inspect(file, zone: timeZone)
                reports.append(TaskReport(file: file, jobs: jobs, now: session.now(), times: times))
            }
            if output.isJSON {
                Console.write(.object([.init("files", .array(reports.map(\.json)))]))
            } else {
                Console.write(reports.map(\.text).joined(separator: "\n\n"))
            }
            return reports.contains(where: \.hasErrors) ? .badInput : .done
        }
    }
}
