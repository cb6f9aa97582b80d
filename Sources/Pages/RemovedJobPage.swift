import CivilTime
import Markup
package import Records
package import RunModel

/// A job that is in no schedule file of this host any more: what it was, and what it did.
package struct RemovedJobPage: Sendable {
    package var job: JobName
    package var table: RunTable
    /// The definitions that were in force, the newest first.
    package var definitions: [StoredDefinition]

    package init(job: JobName, table: RunTable, definitions: [StoredDefinition]) {
        self.job = job
        self.table = table
        self.definitions = definitions
    }

    package func page(_ frame: Frame) -> Frame.Page {
        frame.page(
            job.description, .jobs, path: [(job.description, job.address)],
            main: group {
                Controls.answer(.plain, job.description, isPage: true) {
                    tag("p") { "It is not in the schedule files of this host, so nothing of it runs here." }
                }
                Controls.section("history", "History") { table.html(job.address, hasJob: true, frame) }
                Controls.section("changes", "Changes of the definition") {
                    DefinitionList(definitions: definitions).html(frame.times)
                }
            })
    }
}

/// The definitions of a job, the newest first.
struct DefinitionList {
    let definitions: [StoredDefinition]

    func html(_ times: Times) -> HTML {
        guard !definitions.isEmpty else {
            return tag("p", .class("panel pad")) { "No definition is recorded yet." }
        }
        return Controls.table(
            definitions.map { definition in
                (
                    times.text(Instant(seconds: definition.since.seconds)),
                    group {
                        if let hash = definition.configHash {
                            tag("code") { String(hash.prefix(12)) }
                            " by \(definition.host.machine)"
                            if let text = definition.definition {
                                tag("div", .class("dim")) { tag("code") { quoted(String(text.prefix(400))) } }
                            }
                        } else {
                            "removed by \(definition.host.machine)"
                        }
                    }
                )
            })
    }
}
