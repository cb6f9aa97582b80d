import CivilTime
import JobCatalog
import Markup
import Operations
package import Records
import RequestText
package import RunEngine
import RunModel
package import Scheduling

/// One job: what it is, what it did, what comes.
package struct JobPage: Sendable {
    package var status: JobStatus
    package var marks: [RunMark]
    package var table: RunTable
    /// The definitions that were in force, the newest first.
    package var definitions: [StoredDefinition]
    /// The next occurrences.
    package var upcoming: [Occurrence]
    /// Its pauses and their ends, the newest first.
    package var pauses: [StoreEvent]
    /// Why the runs are not shown; nil when they are.
    package var unread: String?

    package init(
        status: JobStatus, marks: [RunMark], table: RunTable, definitions: [StoredDefinition],
        upcoming: [Occurrence], pauses: [StoreEvent], unread: String?
    ) {
        self.status = status
        self.marks = marks
        self.table = table
        self.definitions = definitions
        self.upcoming = upcoming
        self.pauses = pauses
        self.unread = unread
    }

    /// How many occurrences to come are shown.
    package static let upcomingLength = 10
    /// How many definitions are shown.
    package static let definitionsMax = 10

    private var job: Job { status.job }

    package func page(_ frame: Frame) -> Frame.Page {
        frame.page(
            job.name.description, .jobs, path: [(job.name.description, job.name.address)], main: html(frame))
    }

    private func html(_ frame: Frame) -> HTML {
        let times = frame.times
        return group {
            head(frame)
            if let unread {
                tag("p", .class("panel pad")) {
                    "The recorded runs cannot be read now: "
                    quoted(unread)
                    "."
                }
            }
            if !marks.isEmpty {
                let strip = Strip(marks: marks)
                Controls.section("strip", "The last \(marks.count)") {
                    tag("div", .class("panel pad")) {
                        strip.html
                        tag("p", .class("cap")) {
                            strip.usual.map {
                                "usually done in \($0.words)"
                            } ?? strip.description
                        }
                    }
                    Strip.legend
                }
            }
            tag("div", .class("two")) {
                tag("div") { Controls.section("definition", "Definition") { definition } }
                tag("div") { Controls.section("next", "Next") { next(times) } }
            }
            Controls.section("history", "History") {
                table.html(job.name.address, hasJob: true, frame)
            }
            tag("div", .class("two")) {
                tag("div") { Controls.section("pauses", "Pauses") { pauseList(frame) } }
                tag("div") {
                    Controls.section("changes", "Changes of the definition") {
                        DefinitionList(definitions: definitions).html(times)
                    }
                }
            }
        }
    }

    private func head(_ frame: Frame) -> HTML {
        let times = frame.times
        let kind: Controls.Answer =
            status.pause != nil
            ? .doubtful : status.level == .fail ? .wrong : status.level == .warn ? .doubtful : .well
        return Controls.answer(kind, job.name.description, isPage: true) {
            tag("p") { job.schedule?.words ?? "It has no schedule: it runs by hand." }
            if let detail = status.detail, frame.mayRead || status.pause == nil {
                tag("p") { quoted(detail) }
            }
            if let pause = status.pause, !frame.mayRead {
                tag("p") {
                    "paused since \(times.text(Instant(seconds: pause.at.seconds)))"
                    if let reason = pause.reason {
                        ": "
                        quoted(reason)
                    }
                }
            }
            tag("p", .class("do")) {
                Controls.button(job.name.runAddress, main: true, "Run now…")
                if status.ownPause != nil {
                    Controls.button(job.name.resumeAddress, "Resume…")
                } else {
                    Controls.button(job.name.pauseAddress, "Pause…")
                }
                Controls.command("almanac why \(job.name)")
            }
        }
    }

    private var definition: HTML {
        var rows: [(String, HTML)] = [
            ("file", tag("code") { "\(job.source.file):\(job.source.line)" }),
            ("request", tag("code") { quoted("\(job.request.method) \(job.shownRequest.url.description)") }),
        ]
        if let schedule = job.schedule {
            rows.insert(("schedule", tag("code") { schedule.description }), at: 0)
            rows.insert(("time zone", HTML(schedule.zone.name)), at: 1)
        }
        for fact in job.policy.facts { rows.append((fact.name, tag("code") { fact.value })) }
        rows.append(("hash", tag("code") { String(job.configHash.prefix(12)) }))
        return Controls.table(rows)
    }

    private func next(_ times: Times) -> HTML {
        guard let schedule = job.schedule, !upcoming.isEmpty else {
            return tag("p", .class("panel pad")) {
                status.isOver
                    ? "The schedule is over."
                    : job.schedule == nil ? "It runs by hand." : "No run is scheduled."
            }
        }
        let rows = upcoming.map { occurrence in
            [
                times.moment(occurrence.instant),
                group {
                    occurrence.local.description.replacing("T", with: " ") + " " + schedule.zone.name
                    if let note = occurrence.adjustment.note {
                        tag("div", .class("t-late")) { note }
                    }
                },
            ]
        }
        return group {
            Controls.table("Next occurrences", ["Instant", "Local time of the schedule"], rows)
            for warning in schedule.warnings(from: times.now) {
                tag("p", .class("dim")) { warning.message }
            }
        }
    }

    private func pauseList(_ frame: Frame) -> HTML {
        guard !pauses.isEmpty else { return tag("p", .class("panel pad")) { "No pause is recorded." } }
        return Controls.table(
            pauses.map { event in
                (
                    (event.kind == .paused ? "paused" : "resumed") + (event.job == nil ? ", all jobs" : ""),
                    group {
                        frame.times.moment(Instant(seconds: event.at.seconds))
                        if frame.mayRead {
                            tag("div", .class("dim")) { quoted(event.detail) }
                        }
                    }
                )
            })
    }
}

extension Occurrence.Adjustment {
    /// What a change of the clocks does to the occurrence; nil when nothing.
    var note: String? {
        switch self {
        case .none: nil
        case .movedOutOfGap: "moved: this local time is skipped as the clocks go forward"
        case .firstOfTwo: "this local time comes twice as the clocks go back: the first"
        case .secondOfTwo: "this local time comes twice as the clocks go back: the second"
        }
    }
}
