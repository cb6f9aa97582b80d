/// The bounds of reading and writing task files.
package enum TaskLimits {
    /// The largest file. A task is a few KiB; the bound is for memory, and refuses no file that people write.
    package static let fileBytesMax = 1024 * 1024
    /// The deepest nesting: the schema's own deepest path, `ValueQueries/Value` of an event trigger, has 5.
    package static let depthMax = 32
    /// The most elements of a file: room for the 195 tasks of a fresh Windows 11 with 250 elements each.
    package static let elementsMax = 50_000
    /// The most attributes of an element: the schema has at most 3.
    package static let attributesMax = 16
    /// The most tasks of a `<Tasks>` root: a fresh Windows 11 has 195.
    package static let tasksMax = 1000
    /// The most triggers of a task (schema: `maxOccurs="48"`).
    package static let triggersMax = 48
    /// The most actions of a task (schema: `maxOccurs="32"`).
    package static let actionsMax = 32
    /// The most placeholders of a file, so that a hostile one cannot make a report of a million lines.
    package static let placeholdersMax = 200
    /// The most diagnostics of one file; those after it are counted, not kept.
    package static let diagnosticsMax = 500
    /// The longest command line that Windows can start a process with (CreateProcess).
    package static let commandLineUnitsMax = 32_767
    /// The longest text of an element that is not a command: descriptions are sentences.
    package static let textBytesMax = 64 * 1024
    /// The time limit of a task that states none (schema: `ExecutionTimeLimit` default `PT72H`).
    package static let executionTimeLimitDefault = Duration.seconds(72 * 3600)
}
