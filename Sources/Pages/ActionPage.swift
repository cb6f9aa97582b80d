package import CivilTime
import JobCatalog
package import Markup
package import Operations
package import RunModel

/// A page on which somebody decides: what will happen, and the button that does it, once.
package struct ActionPage: Sendable {
    package var title: String
    package var path: [(String, Address)]
    package var main: HTML

    init(_ title: String, _ path: [(String, Address)], @Content main: () -> HTML) {
        self.title = title
        self.path = path
        self.main = main()
    }

    package func page(_ frame: Frame) -> Frame.Page {
        // It holds what somebody is about to send: it must not change under the hand.
        frame.page(title, .other, path: path, isLive: false, main: main)
    }

    // MARK: Run now

    /// The first step of a run by hand: nothing has been asked of the API yet.
    package static func run(_ job: JobName, pause: Pause?, once: String, _ times: Times) -> ActionPage {
        ActionPage("Run \(job) now", [(job.description, job.address)]) {
            tag("h1") { "Run \(job) now" }
            tag("div", .class("panel pad")) {
                tag("p") {
                    "A rehearsal comes first. It does all that a run does but send the request, shows you that request, and checks that the API and the store can be reached. Then you decide."
                }
                form(job.runAddress, once) {
                    if let pause { paused(pause, times) }
                    tag("p", .class("do")) {
                        button("Rehearse \(job)", .other("value", "rehearse"))
                        cancelLink(job.address)
                        Controls.command("almanac run-now \(job) --dry-run")
                    }
                }
            }
        }
    }

    private static func paused(_ pause: Pause, _ times: Times) -> HTML {
        tag("div", .class("field choice")) {
            tag("p") {
                pause.scope == .all ? "All jobs have been paused" : "It has been paused"
                " since \(times.text(Instant(seconds: pause.at.seconds)))"
                if let reason = pause.reason {
                    ": "
                    quoted(reason)
                }
            }
            void(
                "input", .id("force"), .other("type", "checkbox"), .other("name", "force"),
                .other("value", "yes"))
            " "
            tag("label", .other("for", "force")) { "Run it although it is paused" }
        }
    }

    /// The second step: what the rehearsal found, and the button of the real run.
    package static func rehearsed(_ rehearsal: Rehearsal, isForced: Bool, once: String) -> ActionPage {
        let job = rehearsal.job
        return ActionPage("Run \(job) now", [(job.description, job.address)]) {
            let failed = rehearsal.checks.count { !$0.isPassed }
            Controls.answer(
                rehearsal.isReady ? .well : .wrong,
                rehearsal.isReady
                    ? "\(job) is ready to run"
                    : "\(job) is not ready: \(failed) of \(rehearsal.checks.count) checks failed",
                isPage: true
            ) {
                tag("p") { "Nothing has been sent to the job's URL yet." }
                form(job.runAddress, once) {
                    // Who goes on although it is paused says so with this very button.
                    if isForced || rehearsal.isHeldBack { hidden("force", "yes") }
                    tag("p", .class("do")) {
                        if rehearsal.isOverlapped {
                            Controls.button(job.address, main: true, "See the run under way")
                        } else {
                            button(
                                rehearsal.isReady
                                    ? "Run \(job) now"
                                    : rehearsal.isHeldBack
                                        ? "Run \(job) although it is paused" : "Run \(job) all the same",
                                .other("value", "run"))
                        }
                        cancelLink(job.address)
                    }
                }
            }
            tag("div", .class("two")) {
                tag("div") {
                    Controls.section("checks", "What was checked") {
                        Controls.table(
                            rehearsal.checks.map { check in
                                (
                                    check.name,
                                    group {
                                        (check.isPassed ? OutcomeMark.succeeded : .failed).glyph
                                        check.isPassed ? " ok: " : " failed: "
                                        quoted(check.detail)
                                    }
                                )
                            })
                        for note in rehearsal.notes { tag("p", .class("dim")) { note } }
                    }
                }
                tag("div") {
                    Controls.section("request", "The request, as it would be sent") {
                        tag(
                            "pre", .class("panel"), .other("tabindex", "0"),
                            .label("The request, secrets masked")
                        ) {
                            quoted(rehearsal.request.joined(separator: "\n"))
                        }
                    }
                }
            }
        }
    }

    // MARK: Pauses

    /// What somebody wrote into the form of a pause.
    package struct PauseWords: Sendable {
        package var reason = ""
        /// One of `ends`, or `until`.
        package var end = ""
        package var until = ""

        package init() {}

        /// A time as the field shows how to write it.
        static let example = "tomorrow 09:00"

        /// The lengths that are offered, as durations are spelled.
        package static let ends = ["1h", "4h", "12h", "3d", "7d"]
    }

    /// The form of a pause of a job, or of all.
    package static func pause(
        _ job: JobName?, _ words: PauseWords, problem: String?, once: String, zone: String
    ) -> ActionPage {
        let what = job?.description ?? "all jobs"
        return ActionPage("Pause \(what)", job.map { [($0.description, $0.address)] } ?? []) {
            tag("h1") { "Pause \(what)" }
            tag("div", .class("panel pad")) {
                tag("p") {
                    "\(job == nil ? "While they are" : "While it is") paused, each occurrence is recorded as skipped, on every host. Runs under way go on to their end."
                }
                if let problem { tag("p", .class("t-bad"), .other("role", "alert")) { problem } }
                form(job?.pauseAddress ?? Address("/pause"), once) {
                    tag("div", .class("field")) {
                        tag("label", .other("for", "reason")) { "Why" }
                        void(
                            "input", .id("reason"), .other("name", "reason"), .other("type", "text"),
                            .flag("required"),
                            .other("maxlength", "500"), .other("value", words.reason))
                        tag("p") { "It is shown on this page, and by almanac why." }
                    }
                    tag("div", .class("field")) {
                        tag("label", .other("for", "end")) { "Until" }
                        tag("select", .id("end"), .other("name", "end")) {
                            for end in PauseWords.ends {
                                option(end, Self.words(end), isChosen: end == words.end)
                            }
                            option("never", "resumed by hand", isChosen: words.end == "never")
                        }
                    }
                    tag("div", .class("field")) {
                        tag("label", .other("for", "until")) { "Or until" }
                        void(
                            "input", .id("until"), .other("name", "until"), .other("type", "text"),
                            .other("maxlength", "64"), .other("value", words.until),
                            .other("placeholder", PauseWords.example))
                        tag("p") {
                            "In place of the above, as 10h or tomorrow 09:00. Without a zone it is \(zone)."
                        }
                    }
                    tag("p", .class("do")) {
                        button("Review", .other("value", "ask"))
                        cancelLink(job?.address ?? Address("/"))
                    }
                }
            }
        }
    }

    private static func words(_ duration: String) -> String {
        switch duration {
        case "1h": "in 1 hour"
        case "4h": "in 4 hours"
        case "12h": "in 12 hours"
        case "3d": "in 3 days"
        default: "in 7 days"
        }
    }

    private static func option(_ value: String, _ text: String, isChosen: Bool) -> HTML {
        tag("option", [.other("value", value)] + (isChosen ? [.flag("selected")] : [])) { text }
    }

    /// What a pause will do, and the button that does it. `skipped` are the first occurrences that it holds back.
    package static func confirmPause(
        _ job: JobName?, _ words: PauseWords, until: Instant?, skipped: [Instant], isMore: Bool, once: String,
        _ times: Times
    ) -> ActionPage {
        let what = job?.description ?? "all jobs"
        let address = job?.pauseAddress ?? Address("/pause")
        return ActionPage("Pause \(what)?", job.map { [($0.description, $0.address)] } ?? []) {
            Controls.answer(.doubtful, "Pause \(what)?", isPage: true) {
                tag("p") {
                    if let until {
                        "From now until \(times.dated(until)), \(times.distance(until))."
                    } else {
                        "From now until somebody resumes \(job == nil ? "them" : "it")."
                    }
                }
                tag("p") {
                    "Reason: "
                    quoted(words.reason)
                }
                if job != nil {
                    tag("p") {
                        if skipped.isEmpty {
                            "No run is due in that time."
                        } else {
                            "It skips " + skipped.map { times.text($0) }.joined(separator: ", ")
                                + (isMore ? " and more." : ".")
                        }
                    }
                }
                form(address, once) {
                    hidden("reason", words.reason)
                    // The instant that was shown, not the words that may mean another one by now.
                    hidden("end", until == nil ? "never" : "until")
                    if let until { hidden("until", until.rfc3339) }
                    tag("p", .class("do")) {
                        button("Pause \(what)", .other("value", "do"))
                        cancelLink(job?.address ?? Address("/"))
                    }
                }
            }
        }
    }

    /// The question whether a pause is to end.
    package static func resume(_ job: JobName?, pause: Pause?, once: String, mayRead: Bool, _ times: Times)
        -> ActionPage
    {
        let what = job?.description ?? "all jobs"
        return ActionPage("Resume \(what)?", job.map { [($0.description, $0.address)] } ?? []) {
            guard let pause else { return nothingPaused(what, job) }
            return Controls.answer(.doubtful, "Resume \(what)?", isPage: true) {
                tag("p") {
                    job == nil ? "They have been paused since " : "It has been paused since "
                    times.dated(Instant(seconds: pause.at.seconds))
                    if mayRead {
                        " by "
                        quoted(pause.by)
                    }
                    if let reason = pause.reason {
                        ": "
                        quoted(reason)
                    }
                }
                tag("p") { "What was skipped meanwhile stays skipped; the next occurrence runs." }
                form(job?.resumeAddress ?? Address("/resume"), once) {
                    tag("p", .class("do")) {
                        button("Resume \(what)", .other("value", "do"))
                        cancelLink(job?.address ?? Address("/"))
                    }
                }
            }
        }
    }

    private static func nothingPaused(_ what: String, _ job: JobName?) -> HTML {
        tag("div", .class("panel pad")) {
            tag("h1") { "Nothing to resume" }
            tag("p") { job == nil ? "There is no pause of all jobs." : "\(what) is not paused by itself." }
            tag("p", .class("do")) { cancelLink(job?.address ?? Address("/"), "Go back") }
        }
    }

    // MARK: Cancel

    /// The question whether a run is to be given up.
    package static func cancel(_ run: RunRecord, once: String, _ times: Times) -> ActionPage {
        let address = Address("/runs", run.id.description)
        return ActionPage(
            "Cancel run \(run.shortID)?",
            [(run.job.description, run.job.address), ("run \(run.shortID)", address)]
        ) {
            Controls.answer(.doubtful, "Cancel this run of \(run.job)?", isPage: true) {
                tag("p") {
                    "It began \(run.startedAt.map { times.distance($0) } ?? times.distance(run.createdAt)), on \(run.host.machine)."
                }
                tag("p") {
                    "Its request is ended at once. The API may have done all of it, a part, or nothing; a run whose request was sent ends as unknown."
                }
                form(Address("/runs", run.id.description, "cancel"), once) {
                    tag("p", .class("do")) {
                        button("Cancel the run", .other("value", "do"))
                        cancelLink(address, "Let it run")
                    }
                }
            }
        }
    }

    // MARK: The checklist

    /// The question whether the checks are to be made.
    package static func checklist(once: String) -> ActionPage {
        ActionPage("Go through the checklist?", [("launch", Address("/launch"))]) {
            Controls.answer(.plain, "Go through the checklist?", isPage: true) {
                tag("p") {
                    "It changes nothing, and takes up to half a minute. Checks that start a program on the host are left out."
                }
                form(Address("/launch/check"), once) {
                    tag("p", .class("do")) {
                        button("Go through it", .other("value", "do"))
                        cancelLink(Address("/launch"))
                    }
                }
            }
        }
    }

    // MARK: What cannot be done

    /// Why something was not done or found, and what helps.
    package static func problem(_ title: String, _ detail: String, hint: String?, back: Address?)
        -> ActionPage
    {
        ActionPage(title, []) {
            Controls.answer(.wrong, title, isPage: true) {
                tag("p") { quoted(detail) }
                if let hint { tag("p") { quoted(hint) } }
                tag("p", .class("do")) {
                    Controls.button(
                        back ?? Address("/"), main: true, back == nil ? "See the jobs" : "Go back")
                }
            }
        }
    }

    // MARK: Parts

    static func form(_ address: Address, _ once: String, @Content content: () -> HTML) -> HTML {
        tag("form", .action(address), .other("method", "post")) {
            hidden("once", once)
            content()
        }
    }

    static func hidden(_ name: String, _ value: String) -> HTML {
        void("input", .other("type", "hidden"), .other("name", name), .other("value", value))
    }

    static func button(_ text: String, _ value: Attribute) -> HTML {
        tag("button", .class("btn main"), .other("name", "step"), value) { text }
    }

    static func cancelLink(_ address: Address, _ text: String = "Not now") -> HTML {
        Controls.button(address, text)
    }
}

extension Rehearsal {
    /// Whether a pause alone keeps it from running.
    fileprivate var isHeldBack: Bool {
        !isReady && checks.allSatisfy { $0.isPassed || $0.name == "pause" }
    }

    /// Whether another run of the job has not ended.
    fileprivate var isOverlapped: Bool { checks.contains { !$0.isPassed && $0.name == "claim" } }
}
