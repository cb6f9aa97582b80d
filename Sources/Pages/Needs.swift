import CivilTime
import JobCatalog
import Markup
import Records
import RunEngine
import RunModel
import Scheduling

/// The head of the first page: who or what needs somebody, each in a sentence with what can be done.
struct Needs {
    let page: JobsPage
    let frame: Frame

    private var times: Times { frame.times }

    var html: HTML {
        group {
            if let pause = page.pauseOfAll { pausedAll(pause) }
            if !page.troubles.isEmpty { service }
            if let first = page.needs.first {
                if page.pauseOfAll == nil { job(first) }
            } else if page.troubles.isEmpty, page.pauseOfAll == nil {
                well
            }
        }
    }

    private var well: HTML {
        let isEmpty = page.totals.jobs == 0
        return Controls.answer(isEmpty ? .plain : .well, isEmpty ? "No jobs" : "Nothing needs you") {
            tag("p") { wellSentence }
        }
    }

    private var wellSentence: String {
        guard page.totals.jobs > 0 else { return "This daemon has nothing to run." }
        guard let tally = page.tally, tally.total > 0 else {
            return "No job is overdue, and none ended badly last."
        }
        let others = tally.total - tally.well
        let all = (tally.isWhole ? "" : "newest ") + "\(tally.total.grouped) occurrences of the last 24 hours"
        if tally.total == 1, others == 0 { return "The one occurrence of the last 24 hours ended well." }
        return others == 0
            ? "All of the \(all) ended well."
            : "Of the \(all), \(others.grouped) did not end well; the jobs have done well since."
    }

    private func pausedAll(_ pause: Pause) -> HTML {
        Controls.answer(.doubtful, "All jobs are paused", glyph: OutcomeMark.paused) {
            tag("p") {
                if frame.mayRead {
                    quoted(pause.by)
                    " paused all jobs, "
                } else {
                    "All jobs have been paused since "
                }
                times.dated(Instant(seconds: pause.at.seconds))
                if let reason = pause.reason {
                    ": "
                    quoted(reason)
                }
                ". "
                if let until = pause.until {
                    "They go on by themselves \(times.distance(until)), \(times.dated(until))."
                } else {
                    "No job starts until somebody resumes them."
                }
            }
            tag("p", .class("do")) {
                Controls.button(Address("/resume"), main: true, "Resume all…")
                Controls.command("almanac resume --all")
            }
            if !page.needs.isEmpty {
                tag("p") { "Before the pause these did not do well:" }
                list(page.needs[...])
            }
        }
    }

    private var service: HTML {
        let count = page.troubles.count
        let title =
            count == 1
            ? "The service itself needs you" : "The service itself needs you, for \(count) reasons"
        return Controls.answer(.wrong, title) {
            for trouble in page.troubles { tag("p") { quoted(trouble) } }
            tag("p", .class("do")) {
                Controls.button(Address("/status"), main: true, "See its health")
                Controls.command("almanac health")
            }
        }
    }

    // MARK: Jobs

    private func job(_ status: JobStatus) -> HTML {
        let name = status.job.name
        return Controls.answer(status.level == .fail ? .wrong : .doubtful, title(status)) {
            tag("p") { sentence(status) }
            tag("p", .class("do")) {
                if let run = status.lastRun { Controls.button(run.address, main: true, "See the run") }
                Controls.button(name.runAddress, "Run now…")
                Controls.command("almanac why \(name)")
            }
            list(page.needs.dropFirst())
        }
    }

    private func title(_ status: JobStatus) -> String {
        let name = status.job.name
        if status.lastRun?.reason == .token { return "The API refuses the token of \(name)" }
        if status.overdueSince != nil { return "\(name) is overdue" }
        if status.lastRun?.reason == .cancelled { return "\(name) was cancelled" }
        switch status.lastRun?.outcome {
        case .failed: return "\(name) failed"
        case .timedOut: return "\(name) timed out"
        case .unknown: return "Nobody knows how \(name) ended"
        case .missed: return "\(name) was missed"
        case .skipped: return "\(name) was skipped"
        case .succeeded, .declined, nil: return "\(name) needs you"
        }
    }

    private func sentence(_ status: JobStatus) -> HTML {
        group {
            if let since = status.overdueSince {
                "It was due \(times.dated(since)), \(times.distance(since)), and has not succeeded since. "
            }
            if let run = status.lastRun, run.outcome != .succeeded || status.overdueSince == nil {
                "The last run"
                if let due = run.scheduledFor, due != status.overdueSince { ", due \(times.dated(due))," }
                " " + (run.outcome?.phrase ?? "has ended")
                if run.attempts > 1 { " after \(run.attempts) attempts" }
                if run.detail != nil || run.reason != nil {
                    ": "
                    quoted(run.told(frame.mayRead))
                }
                ". "
            } else if status.lastRun == nil, status.overdueSince == nil, let detail = status.detail {
                quoted(detail)
                ". "
            }
            if let success = status.lastSuccess?.finishedAt {
                "The last success was \(times.dated(Instant(seconds: success.seconds))). "
            } else if status.lastRun != nil {
                "It has never succeeded. "
            }
            if let next = status.next?.instant {
                "It runs again \(times.distance(next))."
            } else if status.isOver {
                "It is not due again: its schedule is over."
            }
        }
    }

    /// Other jobs, a line each.
    private func list(_ jobs: ArraySlice<JobStatus>) -> HTML? {
        let more = page.totals.needYou - page.needs.count
        guard !jobs.isEmpty || more > 0 else { return nil }
        return tag("ul") {
            for status in jobs {
                tag("li") {
                    link(status.lastRun?.address ?? status.job.name.address) { title(status) }
                    if let run = status.lastRun, run.detail != nil {
                        ": "
                        quoted(String(run.told(frame.mayRead).prefix(160)))
                    }
                }
            }
            if more > 0 {
                tag("li") {
                    link(Address("/").with("state", JobsPage.Filter.State.needsYou.rawValue)) {
                        "and \(more.grouped) more"
                    }
                }
            }
        }
    }
}
