package import CivilTime
package import RunModel
import Scheduling
import TaskXML

/// Definitions as they are kept, so that later the occurrences of the past can be computed again.
extension Job {
    /// The definition as text: a line of a schedule file, or a task file without secrets below a line that names its zone;
    /// nil when it cannot be said, or is longer than `Limits.definitionBytesMax`.
    package var definitionText: String? {
        let job = withoutClearSecrets
        guard let text = schedule == nil ? Self.onlyByHand : job.cronLine ?? job.taskText,
            text.utf8.count <= Limits.definitionBytesMax
        else { return nil }
        return text
    }

    /// The definition of a job that is never due.
    private static let onlyByHand = "# runs by hand only"
    private static let zoneMark = "# zone "

    private var taskText: String? {
        guard case .triggers? = schedule?.rule, let zone = schedule?.zone else { return nil }
        // What cannot be written as a task is not kept, and whoever needs it says so.
        guard
            let task = try? task(from: CivilDate(dayNumber: 0), machineZone: zone.name, values: { _ in nil }),
            let text = try? TaskWriter.text(of: task)
        else { return nil }
        return Self.zoneMark + zone.name + "\n" + text
    }

    /// The job that `definitionText` told of, which was in force at `since`: with a schedule as it was, by today's zone
    /// data; nil for one that was never due.
    package static func recorded(
        _ text: String, of name: JobName, since: Instant, zones: any ZoneSource
    ) throws(DefinitionError) -> Job? {
        if text == onlyByHand { return nil }
        let place = "definition of \(name)"
        let jobs: [Job]
        let diagnostics: [Diagnostic]
        if text.hasPrefix(zoneMark), let end = text.firstIndex(where: \.isNewline) {
            let task = TaskJobs(
                Array(text[text.index(after: end)...].utf8), file: place, zones: zones,
                localZone: String(text[..<end].dropFirst(zoneMark.count)), now: .earliest)
            (jobs, diagnostics) = (task.jobs, task.diagnostics)
        } else {
            let file = ScheduleFile(Array(text.utf8), file: place, zones: zones, now: since)
            (jobs, diagnostics) = (file.jobs, file.diagnostics)
        }
        if let job = jobs.first { return job }
        let problem = diagnostics.first { $0.severity == .error }
        throw DefinitionError(message: problem?.message ?? "it defines no job")
    }
}

/// Why a definition that was kept is not understood.
package struct DefinitionError: Error, Sendable, Equatable {
    /// What is wrong with it, as the end of a sentence.
    package var message: String
}
