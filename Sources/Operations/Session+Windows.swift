import CivilTime
import CommandRequests
import Host
package import JobCatalog
import RequestText
import RunModel
import ScheduleFiles
import Scheduling
import TaskXML

/// A file for Windows that was written.
package struct RenderedTask: Sendable {
    /// The job's name.
    package var job: String
    /// The file's path, below the directory that was asked for.
    package var path: String
    /// The names of values that are left open in it.
    package var openValues: [String]
    /// What the job says and Task Scheduler cannot.
    package var losses: [String]
}

extension Session {
    /// Reads a task file for looking at it; `zone` is that of boundaries that name none.
    package func inspect(_ path: String, zone: String?) throws(CommandError) -> TaskJobs {
        let bytes: [UInt8]
        do {
            bytes = try CatalogLoader.bytes(of: path)
        } catch {
            throw CommandError(.badInput, "\(path): \(error.message)", hint: error.hint)
        }
        return TaskJobs(
            bytes, file: path, zones: zones, localZone: zone ?? configuration.taskZone, now: now())
    }

    /// Writes the task files of jobs into a directory, which is made when it is missing.
    package func render(_ jobs: [Job], into directory: String, machineZone: String?) throws(CommandError)
        -> [RenderedTask]
    {
        let today = Zone.utc.local(at: now()).date
        var rendered: [(task: RenderedTask, bytes: [UInt8])] = []
        for job in jobs {
            if let refusal = valueRefusal(of: job), refusal.isCertain {
                throw CommandError(.configuration, "\(job.name): \(refusal.message)", hint: refusal.hint)
            }
            do {
                let task = try job.task(from: today, machineZone: machineZone) { name in
                    // A value that cannot be read is left open, as one that is not set.
                    ((try? configuration.value(name)) ?? nil)?.text
                }
                let path = "\(directory)/\(job.name).xml"
                let open = task.request?.openValues ?? []
                rendered.append(
                    (
                        RenderedTask(
                            job: job.name.description, path: path, openValues: open,
                            losses: job.lossesOnWindows),
                        try TaskWriter.bytes(of: task)
                    ))
            } catch {
                throw CommandError(.failed, "\(job.name): \(error)", hint: error.hint)
            }
        }
        // Nothing is written until everything can be.
        try onHost { () throws(HostError) in
            try OutputFile.makeDirectory(
                directory, mode: 0o755, called: "the output directory", hint: "name another with --output")
            for (task, bytes) in rendered { try OutputFile.write(bytes, to: task.path) }
        }
        return rendered.map(\.task)
    }
}

extension CommandRequest {
    /// The names that are not filled in and are no secrets: Windows must know them as variables.
    fileprivate var openValues: [String] {
        var names: [String] = []
        for value in [url] + headers.map(\.value) + (body.map { [$0] } ?? []) {
            for name in value.references where ValueName.shown.contains(name) && !names.contains(name) {
                names.append(name)
            }
        }
        return names
    }
}
