package import CivilTime
import Markup
import Operations
package import Preflight
package import Records
package import RunModel

/// The launch: how the cutover stands, and what the checklist came to.
package struct LaunchPage: Sendable {
    /// What is known of the checklist.
    package enum Preflight: Sendable {
        /// There is none, for this reason.
        case absent(String)
        /// It was not gone through since the daemon started.
        case open(PreflightList, signatures: [String: Signature])
        /// It is being gone through.
        case underWay
        case done(PreflightReport, at: Instant, leftOut: Int)
        /// How it came out, for who may not see what was measured.
        case summary(String, isReady: Bool, at: Instant)
    }

    /// The last launch; nil when that cannot be read.
    package var launch: Launch?
    package var pauseOfAll: Pause?
    package var preflight: Preflight
    /// The reasons to go back that the last checks showed.
    package var triggers: [LaunchTrigger]
    /// What people do on the way back.
    package var manualSteps: [String]
    /// Whether who asks may have the checks made.
    package var mayAct: Bool

    package init(
        launch: Launch?, pauseOfAll: Pause?, preflight: Preflight, triggers: [LaunchTrigger],
        manualSteps: [String], mayAct: Bool
    ) {
        self.launch = launch
        self.pauseOfAll = pauseOfAll
        self.preflight = preflight
        self.triggers = triggers
        self.manualSteps = manualSteps
        self.mayAct = mayAct
    }

    package func page(_ frame: Frame) -> Frame.Page {
        frame.page("Launch", .launch, main: html(frame))
    }

    private func html(_ frame: Frame) -> HTML {
        group {
            tag("h1") { "Launch" }
            Controls.section("cutover", "Cutover") { cutover(frame.times) }
            Controls.section("preflight", "Preflight") { checklist(frame) }
        }
    }

    // MARK: Cutover

    private func cutover(_ times: Times) -> HTML {
        guard let launch else { return tag("p", .class("panel pad")) { "The steps cannot be read now." } }
        return group {
            if launch.id == nil { tag("p") { "No launch has begun." } }
            Controls.table(
                "Steps", ["Step", "State", "When", "By", "What came of it"], isWide: true,
                Launch.Step.allCases.map { cells("\($0.rawValue): \($0.meaning)", launch.step($0), times) }
                    + Launch.BackStep.allCases.compactMap { step in
                        launch.step(step).map { cells("back: " + step.rawValue, $0, times) }
                    })
            if !triggers.isEmpty, launch.id != nil, !launch.isRolledBack {
                tag("h3") { "Reasons to go back, at the last check" }
                Controls.table(
                    triggers.map { trigger in
                        (
                            trigger.isMet ? "go back" : "no",
                            group {
                                tag("code") { trigger.id }
                                " "
                                quoted(trigger.evidence)
                            }
                        )
                    })
            }
            tag("p", .class("do")) {
                "On the host:"
                Controls.command(
                    launch.isRolledBack || launch.next != nil
                        ? "sudo almanac cutover --run" : "sudo almanac cutover --status")
                if launch.id != nil, !launch.isRolledBack { Controls.command("sudo almanac rollback --run") }
            }
            if let pauseOfAll {
                tag("p", .class("dim")) {
                    "All jobs are paused since \(times.text(Instant(seconds: pauseOfAll.at.seconds)))."
                }
            }
            if !manualSteps.isEmpty {
                tag("h3") { "What people do on the way back" }
                tag("ol") { for step in manualSteps { tag("li") { quoted(step) } } }
            }
        }
    }

    private func cells(_ name: String, _ step: LaunchStep?, _ times: Times) -> [HTML] {
        let (word, kind): (String, OutcomeMark?) =
            step.map { step in
                step.isDone
                    ? ("done", .succeeded)
                    : step.detail == LaunchStep.underWay ? ("under way", .running) : ("failed", .failed)
            } ?? ("open", nil)
        return [
            HTML(name),
            group {
                kind?.glyph ?? OutcomeMark.none
                " " + word
            },
            step.map { times.moment(Instant(seconds: $0.at.seconds)) } ?? HTML("–"), quoted(step?.by ?? ""),
            quoted(step?.detail ?? ""),
        ]
    }

    // MARK: Preflight

    private func checklist(_ frame: Frame) -> HTML {
        group {
            switch preflight {
            case .absent(let why): tag("p", .class("panel pad")) { quoted(why) }
            case .open(let list, let signatures):
                tag("p", .class("panel pad")) {
                    "The checklist has \(list.checks.count) checks; \(signatures.count) are signed. It was not gone through here since this daemon started."
                }
            case .underWay:
                tag("p", .class("panel pad"), .other("role", "status")) {
                    "The checks are being made; that takes up to half a minute."
                }
            case .done(let report, let at, let leftOut): done(report, at, leftOut, frame.times)
            case .summary(let verdict, let isReady, let at):
                Controls.answer(isReady ? .well : .doubtful, verdict) {
                    tag("p") { "Gone through \(frame.times.distance(at)). Sign in to see what was measured." }
                }
            }
            tag("p", .class("do")) {
                if mayAct, hasList {
                    Controls.button(Address("/launch/check"), main: true, "Go through the checklist…")
                }
                Controls.command("sudo almanac preflight")
            }
        }
    }

    private var hasList: Bool {
        if case .absent = preflight { false } else { true }
    }

    private func done(_ report: PreflightReport, _ at: Instant, _ leftOut: Int, _ times: Times) -> HTML {
        group {
            Controls.answer(
                report.isReady(allowsUnsigned: false) ? .well : .doubtful,
                report.verdict(allowsUnsigned: false)
            ) {
                tag("p") {
                    "Gone through \(times.distance(at))."
                    if leftOut > 0 {
                        " \(leftOut) checks that start a program on this host are left out here: sudo almanac preflight makes them."
                    }
                }
            }
            for part in report.groups {
                let results = listed(report).filter { $0.check.group == part.id }
                if !results.isEmpty {
                    tag("h3") {
                        part.title + " "
                        tag("span", .class("dim")) {
                            "\(results.count { $0.result.status == .pass }) of \(results.count) pass"
                        }
                    }
                    Controls.table(
                        results.map { check, result in
                            (result.status.rawValue, self.result(check, result, report.signatures[check.id]))
                        })
                }
            }
        }
    }

    /// All checks, or, of a long list, those that do not pass.
    private func listed(_ report: PreflightReport) -> [(check: Check, result: CheckResult)] {
        guard report.results.count > Self.checksMax else { return report.results }
        return Array(report.results.filter { $0.result.status != .pass }.prefix(Self.checksMax))
    }

    /// More checks make a page that is too long.
    private static let checksMax = 150

    private func result(_ check: Check, _ result: CheckResult, _ signature: Signature?) -> HTML {
        group {
            tag("span", .class(Self.classes(result.status))) { quoted(check.title.replacing("**", with: "")) }
            tag("div", .class("dim")) { quoted(result.evidence) }
            if let signature {
                tag("div", .class("dim")) { "signed by \(signature.by), \(signature.at.rfc3339.prefix(10))" }
            }
            if let hint = result.hint { tag("div", .class("dim")) { quoted("hint: " + hint) } }
        }
    }

    private static func classes(_ status: CheckResult.Status) -> StaticString {
        switch status {
        case .pass: "t-ok"
        case .fail: "t-bad"
        case .warn: "t-late"
        case .manual: ""
        }
    }
}

extension LaunchPage.Preflight {
    /// What anybody on this host may see: whether there is a list, and how it came out, not what was measured.
    package var redacted: LaunchPage.Preflight {
        guard case .done(let report, let at, _) = self else { return self }
        return .summary(
            report.verdict(allowsUnsigned: false), isReady: report.isReady(allowsUnsigned: false), at: at)
    }
}

extension Launch.Step {
    /// What the step is for.
    fileprivate var meaning: String {
        switch self {
        case .preflight: "the checklist is in order"
        case .resume: "the jobs run"
        case .smoke: "what users see works"
        case .verify: "it still does half an hour later"
        }
    }
}
