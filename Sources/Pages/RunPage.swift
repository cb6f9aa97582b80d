package import CivilTime
import JobCatalog
import Markup
package import Operations
package import Records
import RunEngine
package import RunModel
import Scheduling

/// One run: what became of it, why, and how it compares.
package struct RunPage: Sendable {
    package var run: RunRecord
    /// In their order.
    package var attempts: [AttemptRecord]
    /// The explanation of its occurrence; nil for a run by hand, or when it is not known.
    package var reasons: Reasons?
    /// The request as the definition in force makes it, secrets masked, a line each; nil for who may not see it, or when
    /// the definition is another one now.
    package var request: [String]?
    /// Whether the definition is another one now.
    package var isRedefined: Bool
    /// The last runs up to this one, the newest first.
    package var marks: [RunMark]
    /// The rows of the occurrences before and after.
    package var earlier: RunRecord?
    package var later: RunRecord?
    /// The first occurrence after it that is to come, when no row follows.
    package var next: Instant?
    /// Whether the job is one of the schedule files.
    package var isKnown = true
    /// Whether the daemon that is asked makes it, and so can give it up.
    package var isOurs = true

    package init(
        run: RunRecord, attempts: [AttemptRecord], reasons: Reasons?, request: [String]?, isRedefined: Bool,
        marks: [RunMark], earlier: RunRecord?, later: RunRecord?, next: Instant?
    ) {
        self.run = run
        self.attempts = attempts
        self.reasons = reasons
        self.request = request
        self.isRedefined = isRedefined
        self.marks = marks
        self.earlier = earlier
        self.later = later
        self.next = next
    }

    private var kind: OutcomeMark { run.state == .finished ? OutcomeMark(run.outcome) : .running }
    private var isCancelled: Bool { run.reason == .cancelled }
    /// Whether it has ended without a request.
    private var isUnsent: Bool { run.state == .finished && (run.attempts == 0 || run.isDryRun) }

    package func page(_ frame: Frame) -> Frame.Page {
        frame.page(
            "\(run.job) \(kind.word)", .runs,
            path: [(run.job.description, run.job.address), ("run \(run.shortID)", run.address)],
            main: html(frame))
    }

    private func html(_ frame: Frame) -> HTML {
        let times = frame.times
        return group {
            Controls.answer(
                isCancelled ? .doubtful : Controls.Answer(kind), title(times), glyph: kind.glyph, isPage: true
            ) {
                tag("p") { sentence(times, frame.mayRead) }
                tag("p", .class("do")) { actions }
            }
            neighbours(times)
            if !attempts.isEmpty || run.state != .finished {
                Controls.section("happened", "What happened") {
                    Controls.picture(
                        "Attempts over time", Waterfall(run: run, attempts: attempts, times: times).html)
                }
            }
            if isUnsent {
                Controls.section("why", "Why") { Controls.table(why(frame)) }
            } else {
                tag("div", .class("two")) {
                    tag("div") {
                        answer(frame)
                        request(frame)
                    }
                    tag("div") {
                        Controls.section("why", "Why") { Controls.table(why(frame)) }
                    }
                }
                compared(times)
            }
        }
    }

    private func compared(_ times: Times) -> HTML? {
        guard marks.count > 1 else { return nil }
        return Controls.section("compared", "Compared with the last \(marks.count)") {
            tag("div", .class("two")) {
                Plot("Duration", marks, of: run.id, times) { $0.duration }.html
                Plot("Lateness", marks, of: run.id, times) { $0.lateness }.html
            }
        }
    }

    // MARK: In short

    private func title(_ times: Times) -> String {
        let what =
            run.scheduledFor.map { "\(run.job), due \(times.dated($0))" }
            ?? run.backfillOf.map { "\(run.job), a backfill of \(times.dated($0))" }
            ?? "\(run.job), " + (run.isDryRun ? "a rehearsal" : "by hand")
        let several = run.occurrences > 1 ? " (\(run.occurrences) occurrences)" : ""
        let end = run.isDryRun ? run.rehearsalWord : isCancelled ? "cancelled" : run.word
        return "\(what)\(several): \(end)"
    }

    private func sentence(_ times: Times, _ mayRead: Bool) -> HTML {
        group {
            if run.state != .finished {
                live(times)
            } else if run.outcome == .succeeded {
                if run.isDryRun {
                    quoted(run.detail ?? "")
                } else {
                    "The API answered "
                    tag("b") { run.httpStatus.map(String.init) ?? "well" }
                    if let start = run.startedAt, let end = run.finishedAt {
                        " in \(ElapsedText.of(end - start))"
                    }
                    run.attempts > 1 ? ", at attempt \(run.attempts)." : "."
                }
            } else if isCancelled {
                quoted(run.told(mayRead))
                run.outcome == .unknown
                    ? ". Its request had been sent: the API may have done all of it, a part, or nothing."
                    : ". No request was sent."
            } else {
                let told = run.told(mayRead)
                quoted(told.isEmpty ? reasons?.summary ?? "nothing more is known" : told)
                run.attempts > 1 ? ". There were \(run.attempts) attempts." : "."
                if isUnsent, !run.isDryRun { " No request was sent." }
            }
        }
    }

    private func live(_ times: Times) -> HTML {
        switch run.state {
        case .claimed: HTML("Its request has not been sent yet.")
        case .running:
            HTML("Attempt \(run.attempts) of \(run.attemptsMax) is under way, on \(run.host.machine).")
        case .retryWait:
            HTML(
                "Attempt \(run.attempts) of \(run.attemptsMax) did not end well; the next is "
                    + (run.retryAt.map { times.distance($0) } ?? "to come") + ".")
        case .finished: HTML()
        }
    }

    private var actions: HTML {
        group {
            if run.state != .finished, isOurs {
                Controls.button(Address("/runs", run.id.description, "cancel"), main: true, "Cancel…")
            } else if run.state != .finished {
                tag("span", .class("dim")) { "It is made by \(run.host.machine): cancel it there." }
            } else if isKnown {
                Controls.button(run.job.runAddress, main: kind == .failed, "Run now…")
            }
            if isKnown { Controls.button(run.job.pauseAddress, "Pause…") }
            if let due = run.scheduledFor, [.missed, .skipped].contains(run.outcome), run.occurrences == 1 {
                Controls.command(
                    "almanac backfill \(run.job) --from \(due.rfc3339) --until \((due + .seconds(1)).rfc3339) --run"
                )
            } else if let due = run.scheduledFor {
                Controls.command("almanac why \(run.job) --at \(due.rfc3339)")
            } else {
                Controls.command("almanac show \(run.shortID)")
            }
        }
    }

    private func neighbours(_ times: Times) -> HTML {
        tag("nav", .class("pn"), .label("Other runs of \(run.job)")) {
            if let earlier {
                link(earlier.address, .other("rel", "prev")) {
                    "← \(times.text(earlier.scheduledFor ?? earlier.dueAt)) "
                    outcome(earlier)
                }
            } else {
                tag("span", .class("dim")) { "no earlier run" }
            }
            tag("span", .class("dim")) { "run \(run.id)" }
            if let later {
                link(later.address, .other("rel", "next")) {
                    outcome(later)
                    " \(times.text(later.scheduledFor ?? later.dueAt)) →"
                }
            } else {
                tag("span", .class("dim")) {
                    next.map { "the next is due \(times.distance($0))" } ?? "none follows"
                }
            }
        }
    }

    private func outcome(_ run: RunRecord) -> HTML {
        let kind = run.state == .finished ? OutcomeMark(run.outcome) : .running
        return tag("span", .class(kind.textClass)) { kind.word }
    }

    // MARK: The answer and the request

    private func answer(_ frame: Frame) -> HTML {
        Controls.section("answer", "Last answer") {
            tag("div", .class("panel")) {
                tag("p", .class("pad")) {
                    if let status = run.httpStatus {
                        tag("b", .class(kind.textClass)) { String(status) }
                        if let bytes = run.responseBytes { ", \(bytes) bytes" }
                    } else {
                        run.state == .finished ? "No answer came." : "No answer yet."
                    }
                }
                if let excerpt = run.responseExcerpt, !excerpt.isEmpty, frame.mayRead {
                    tag("pre", .other("tabindex", "0"), .label("The beginning of the answer")) {
                        quoted(excerpt)
                    }
                } else if run.httpStatus != nil {
                    tag("p", .class("pad dim")) {
                        if frame.mayRead {
                            "Nothing of it was kept."
                        } else {
                            signIn(frame, "to see the beginning of the answer.")
                        }
                    }
                }
            }
        }
    }

    private func signIn(_ frame: Frame, _ what: String) -> HTML {
        group {
            link(Address("/sign-in").with("back", frame.address.description)) { "Sign in" }
            " " + what
        }
    }

    private func request(_ frame: Frame) -> HTML {
        Controls.section("request", "Request") {
            tag("div", .class("panel")) {
                if let request {
                    tag("pre", .other("tabindex", "0"), .label("The request, secrets masked")) {
                        quoted(request.joined(separator: "\n"))
                    }
                } else {
                    tag("p", .class("pad dim")) {
                        if !frame.mayRead {
                            signIn(frame, "to see the request.")
                        } else if isRedefined {
                            "The job has another definition now; the request of this run is not kept."
                        } else {
                            "The job is not loaded here, so its request cannot be shown."
                        }
                    }
                }
            }
        }
    }
}
