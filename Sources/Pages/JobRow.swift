import CivilTime
import JobCatalog
import Markup
import Records
import RunEngine
import RunModel
import Scheduling

/// A job in the list: what it is, how it ended last, how it did, when it is next.
struct JobRow {
    let row: JobsPage.Row
    let frame: Frame

    private var status: JobStatus { row.status }
    private var times: Times { frame.times }
    /// A run that is under way.
    private var live: RunMark? { row.marks.first { $0.outcome == nil && $0.startedAt != nil } }
    private var strip: Strip { Strip(marks: row.marks) }

    var html: HTML {
        tag("li", .class("job")) {
            tag("div", .class("who")) { who }
            tag("div", .class("last")) { last }
            tag("div", .class("hist")) { history }
            tag("div", .class("next")) { next }
        }
    }

    private var glyph: HTML {
        if live != nil { return OutcomeMark.running.glyph }
        if !status.job.isEnabled { return OutcomeMark.none }
        if status.pause != nil { return OutcomeMark.paused }
        if status.overdueSince != nil || status.level == .fail { return OutcomeMark.failed.glyph }
        return status.lastRun.map { OutcomeMark($0.outcome).glyph } ?? OutcomeMark.none
    }

    private var who: HTML {
        group {
            tag("h3") {
                glyph
                link(status.job.name.address) { status.job.name.description }
            }
            if let schedule = status.job.schedule {
                tag("p", .class("clip")) { schedule.words }
                tag("p", .class("dim")) { tag("code") { schedule.description.prefix(80).description } }
            } else {
                tag("p") { "by hand" }
            }
            tag("p") {
                link(status.job.name.runAddress, .label("Run \(status.job.name) now")) { "Run now…" }
                " "
                if status.ownPause != nil {
                    link(status.job.name.resumeAddress, .label("Resume \(status.job.name)")) { "Resume…" }
                } else {
                    link(status.job.name.pauseAddress, .label("Pause \(status.job.name)")) { "Pause…" }
                }
            }
        }
    }

    private var last: HTML {
        group {
            if let live {
                tag("p", .class("say")) {
                    link(live.id.address) { "under way for \(running(live))" }
                    " "
                    Controls.badge(.running, "now")
                }
                if let usual = strip.usual {
                    tag("p", .class("dim")) { "usually done in \(ElapsedText.of(usual.median))" }
                }
            } else if let pause = status.pause, status.job.isEnabled {
                paused(pause)
            } else {
                ended
            }
        }
    }

    /// How long a run has been under way, in steps that do not change with every look.
    private func running(_ mark: RunMark) -> String {
        let seconds = (times.now - (mark.startedAt ?? mark.dueAt)).components.seconds
        return seconds < 60 ? "\(max(seconds / 5 * 5, 1)) s" : Times.span(.seconds(seconds))
    }

    private func paused(_ pause: Pause) -> HTML {
        group {
            tag("p", .class("say")) {
                pause.scope == .all ? "paused with all jobs" : "paused"
                if frame.mayRead {
                    " by "
                    quoted(pause.by)
                }
                " "
                Controls.badge(
                    .doubtful, pause.until.map { "ends " + times.distance($0) } ?? "until resumed by hand")
                if pause.scope == .all, let own = status.ownPause {
                    " and by itself" + (own.until.map { " until \(times.text($0))" } ?? "")
                }
            }
            if let reason = pause.reason { tag("p", .class("dim clip")) { quoted(reason) } }
            if let before = status.beforePause {
                tag("p", .class("dim clip")) {
                    "before that: "
                    quoted(before)
                }
            }
            tag("p", .class("dim")) { "since \(times.text(Instant(seconds: pause.at.seconds)))" }
        }
    }

    private var ended: HTML {
        group {
            if let run = status.lastRun {
                tag("p", .class("say")) {
                    link(run.address) {
                        OutcomeMark(run.outcome).word
                        if let code = run.httpStatus {
                            " "
                            tag("b") { String(code) }
                        }
                        if run.attempts > 1 { " after \(run.attempts) attempts" }
                    }
                    if status.overdueSince != nil {
                        " "
                        Controls.badge(.wrong, "overdue")
                    }
                    if !status.job.isEnabled {
                        " "
                        Controls.badge(.plain, "disabled")
                    }
                }
                tag("p", .class("dim clip")) { reason(run) }
                // What nobody ran has the age of its occurrence, whenever that was found.
                let isRun = run.startedAt != nil
                if let at = isRun ? run.finishedAt : run.scheduledFor ?? run.finishedAt {
                    tag("p", .class("dim")) { (isRun ? "" : "due ") + times.distance(at) }
                }
            } else {
                tag("p", .class("say")) {
                    status.job.isEnabled ? "has not run yet" : "disabled"
                    if status.overdueSince != nil {
                        " "
                        Controls.badge(.wrong, "overdue")
                    }
                }
            }
        }
    }

    private func reason(_ run: RunRecord) -> HTML {
        if run.outcome == .succeeded {
            if let start = run.startedAt, let end = run.finishedAt {
                return HTML("in " + ElapsedText.of(end - start))
            }
            return HTML()
        }
        return quoted(run.told(frame.mayRead))
    }

    private var history: HTML {
        group {
            if row.marks.isEmpty {
                tag("p", .class("cap")) { "no runs yet" }
            } else {
                strip.html
                tag("p", .class("cap")) {
                    tag("span") { strip.usual.map { "median " + ElapsedText.of($0.median) } ?? "" }
                    tag("span") { "last \(row.marks.count)" }
                }
            }
        }
    }

    private var next: HTML {
        group {
            if let next = status.next?.instant {
                tag("p", .class("say")) { times.distance(next) }
                tag("p", .class("dim")) { times.moment(next) }
                if status.skipsNext {
                    tag("p", .class("dim")) { "will be skipped" }
                }
            } else {
                tag("p", .class("dim")) {
                    status.isOver ? "over" : status.job.schedule == nil ? "by hand" : "no run is scheduled"
                }
            }
        }
    }
}
