import CivilTime
import CommandRequests
import Scheduling

/// Writes tasks as Task Scheduler exports them, so that it imports them the first time.
package struct TaskWriter {
    private var lines: [String] = []
    private var depth = 0

    /// The file of a task: UTF-16LE with a byte order mark and CR LF, which every Windows imports.
    package static func bytes(of task: TaskDefinition) throws(TaskWriteError) -> [UInt8] {
        let text = try text(of: task)
        return [0xff, 0xfe]
            + text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }

    /// The text of the file. It says `encoding="UTF-16"`, as the bytes are, and version 1.2, which every Windows since
    /// Vista imports: nothing that is written needs an element of a later one.
    package static func text(of task: TaskDefinition) throws(TaskWriteError) -> String {
        guard let request = task.request else {
            throw TaskWriteError(.noRequest, "the task makes no request, so that there is nothing to write")
        }
        guard task.triggers.count <= TaskLimits.triggersMax else {
            throw TaskWriteError(
                .tooManyTriggers,
                "it needs \(task.triggers.count) triggers, and a task has at most \(TaskLimits.triggersMax)",
                hint: "make the schedule plainer, or two jobs of it")
        }
        var writer = TaskWriter()
        try writer.write(task, request)
        return writer.lines.map { $0 + "\r\n" }.joined()
    }

    private mutating func write(_ task: TaskDefinition, _ request: CommandRequest) throws(TaskWriteError) {
        lines.append(#"<?xml version="1.0" encoding="UTF-16"?>"#)
        lines.append(#"<Task version="1.2" xmlns="\#(TaskDecoder.namespace)">"#)
        depth = 1
        try inside("RegistrationInfo") { (writer) throws(TaskWriteError) in
            try writer.optional("Author", task.registration.author)
            try writer.optional("Description", task.registration.description)
            try writer.optional("URI", task.registration.uri)
        }
        try inside("Triggers") { (writer) throws(TaskWriteError) in
            for trigger in task.triggers { try writer.write(trigger) }
        }
        try writePrincipal()
        try write(task.settings)
        if let options = task.options { try leaf("Data", TaskDefinition.Options.mark + " " + options.text) }
        try inside("Actions", attributes: #" Context="Author""#) { (writer) throws(TaskWriteError) in
            try writer.inside("Exec") { (writer) throws(TaskWriteError) in
                try writer.leaf("Command", #"%SystemRoot%\System32\curl.exe"#)
                try writer.leaf("Arguments", CurlArguments.text(for: request))
            }
        }
        lines.append("</Task>")
    }

    /// SYSTEM, with the least rights that it can have: only it can read the header files.
    private mutating func writePrincipal() throws(TaskWriteError) {
        try inside("Principals") { (writer) throws(TaskWriteError) in
            try writer.inside("Principal", attributes: #" id="Author""#) { (writer) throws(TaskWriteError) in
                try writer.leaf("UserId", "S-1-5-18")
                try writer.leaf("RunLevel", "LeastPrivilege")
            }
        }
    }

    private mutating func write(_ settings: TaskSettings) throws(TaskWriteError) {
        try inside("Settings") { (writer) throws(TaskWriteError) in
            try writer.leaf("MultipleInstancesPolicy", settings.multipleInstances.rawValue)
            try writer.leaf("DisallowStartIfOnBatteries", "false")
            try writer.leaf("StopIfGoingOnBatteries", "false")
            try writer.leaf("AllowHardTerminate", "true")
            try writer.leaf("StartWhenAvailable", "\(settings.startWhenAvailable)")
            try writer.leaf("RunOnlyIfNetworkAvailable", "true")
            try writer.leaf("AllowStartOnDemand", "\(settings.allowStartOnDemand)")
            try writer.leaf("Enabled", "\(settings.isEnabled)")
            try writer.leaf("Hidden", "false")
            try writer.leaf("RunOnlyIfIdle", "false")
            try writer.leaf("WakeToRun", "false")
            try writer.leaf(
                "ExecutionTimeLimit", settings.executionTimeLimit.map(DurationText.iso8601) ?? "PT0S")
            if let delay = settings.deleteExpiredTaskAfter {
                try writer.leaf("DeleteExpiredTaskAfter", DurationText.iso8601(delay))
            }
            try writer.leaf("Priority", "7")
            if let restart = settings.restartOnFailure {
                try writer.inside("RestartOnFailure") { (writer) throws(TaskWriteError) in
                    try writer.leaf("Interval", DurationText.iso8601(restart.interval))
                    try writer.leaf("Count", "\(restart.count)")
                }
            }
        }
    }

    mutating func inside(
        _ name: String, attributes: String = "", _ body: (inout TaskWriter) throws(TaskWriteError) -> Void
    ) throws(TaskWriteError) {
        lines.append(indent + "<\(name)\(attributes)>")
        depth += 1
        let before = lines.count
        try body(&self)
        depth -= 1
        if lines.count == before {
            lines[before - 1] = indent + "<\(name)\(attributes) />"
        } else {
            lines.append(indent + "</\(name)>")
        }
    }

    mutating func leaf(_ name: String, _ text: String) throws(TaskWriteError) {
        lines.append(indent + "<\(name)>\(try Self.escaped(text, in: name))</\(name)>")
    }

    mutating func empty(_ name: String) {
        lines.append(indent + "<\(name) />")
    }

    private mutating func optional(_ name: String, _ text: String?) throws(TaskWriteError) {
        guard let text, !text.isEmpty else { return }
        try leaf(name, text)
    }

    private var indent: String { String(repeating: "  ", count: depth) }

    /// `text` as the text of an element (XML 1.0, section 2.4).
    private static func escaped(_ text: String, in name: String) throws(TaskWriteError) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default:
                guard scalar.value >= 0x20, scalar.value != 0x7f, scalar.value & 0xfffe != 0xfffe else {
                    throw TaskWriteError(.value, "<\(name)> would hold a character that XML does not allow")
                }
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
