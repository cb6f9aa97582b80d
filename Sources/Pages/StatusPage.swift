import CivilTime
package import JobCatalog
import Markup
package import Records
package import RunEngine
import RunModel

/// How the service is: each check, the hosts, the journal, the catalog and what is wrong with its files.
package struct StatusPage: Sendable {
    package var report: HealthReport
    /// By name.
    package var hosts: [HostSighting]
    /// Hosts that are not listed.
    package var hostsLeftOut: Int
    /// What the last reading of the schedule files found.
    package var diagnostics: [Diagnostic]
    /// Of those, how many are not listed.
    package var diagnosticsLeftOut: Int
    /// What to know besides, as names with values.
    package var facts: [(String, String)]

    package init(
        report: HealthReport, hosts: [HostSighting], hostsLeftOut: Int, diagnostics: [Diagnostic],
        diagnosticsLeftOut: Int, facts: [(String, String)]
    ) {
        self.report = report
        self.hosts = hosts
        self.hostsLeftOut = hostsLeftOut
        self.diagnostics = diagnostics
        self.diagnosticsLeftOut = diagnosticsLeftOut
        self.facts = facts
    }

    /// Hosts and diagnostics that are listed.
    package static let listMax = 50

    package func page(_ frame: Frame) -> Frame.Page {
        frame.page("Health: \(report.status.rawValue)", .health, main: html(frame.times))
    }

    private func html(_ times: Times) -> HTML {
        group {
            Controls.answer(answer, title, isPage: true) {
                for sentence in report.sentences { tag("p") { quoted(sentence) } }
                tag("p", .class("do")) { Controls.command("almanac health") }
            }
            Controls.section("checks", "Checks") {
                Controls.table(
                    "All checks", ["Check", "Status", "Measured", "What"], isWide: true,
                    report.checks.map { cells($0) })
            }
            tag("div", .class("two")) {
                tag("div") {
                    Controls.section("service", "Service") {
                        Controls.table(facts.map { ($0.0, HTML($0.1)) })
                    }
                }
                tag("div") { Controls.section("files", "Schedule files") { files } }
            }
            Controls.section("hosts", "Hosts") { hostTable(times) }
        }
    }

    private var answer: Controls.Answer {
        switch report.status {
        case .pass: .well
        case .warn: .doubtful
        case .fail: .wrong
        }
    }

    private var title: String {
        switch report.status {
        case .pass: "All is well"
        case .warn: "It works, but somebody should look"
        case .fail: "Something is not done that should be"
        }
    }

    private func cells(_ check: HealthCheck) -> [HTML] {
        let (name, kind): (String, OutcomeMark) =
            switch check.status {
            case .pass: ("pass", .succeeded)
            case .warn: ("warn", .timedOut)
            case .fail: ("fail", .failed)
            }
        let isJob = check.component == "job"
        return [
            group {
                if isJob, let id = check.componentID, let job = JobName(id) {
                    link(job.address) { id }
                } else {
                    check.component + ", " + check.measurement.replacing("_", with: " ")
                }
            },
            group {
                kind.glyph
                " "
                tag("span", .class(kind.textClass)) { name }
            },
            HTML(check.measured), quoted(check.told),
        ]
    }

    private var files: HTML {
        guard !diagnostics.isEmpty else {
            return tag("p", .class("panel pad")) {
                "The files that were read last have no error and no warning."
            }
        }
        return group {
            Controls.table(
                diagnostics.map { diagnostic in
                    (
                        diagnostic.severity.rawValue,
                        group {
                            quoted(diagnostic.message)
                            tag("div", .class("dim")) { tag("code") { diagnostic.place } }
                            if let hint = diagnostic.hint { tag("div", .class("dim")) { quoted(hint) } }
                        }
                    )
                })
            if diagnosticsLeftOut > 0 {
                tag("p", .class("dim")) { "\(diagnosticsLeftOut) more: almanac check lists them." }
            }
        }
    }

    private func hostTable(_ times: Times) -> HTML {
        guard !hosts.isEmpty else { return tag("p", .class("panel pad")) { "No host has been seen yet." } }
        return group {
            Controls.table(
                "All hosts", ["Host", "State", "Seen", "Started", "Version", "Jobs", "Catalog", "Clock"],
                hosts.map { host in
                    [
                        HTML(host.host.description),
                        tag("span", .class(host.isAlive ? "t-ok" : host.hasStopped ? "dim" : "t-bad")) {
                            host.isAlive ? "alive" : host.hasStopped ? "stopped" : "gone"
                        },
                        HTML(times.distance(host.seenAt)),
                        HTML(times.text(Instant(seconds: host.startedAt.seconds))),
                        HTML(host.version), HTML(String(host.jobs)),
                        tag("code") { String(host.catalogHash.prefix(12)) },
                        HTML(Self.offset(host.clockOffset)),
                    ]
                })
            if hostsLeftOut > 0 {
                tag("p", .class("dim")) { "\(hostsLeftOut) more, which were seen before these." }
            }
        }
    }

    private static func offset(_ offset: Duration) -> String {
        let isAhead = offset > .zero
        let size = isAhead ? offset : .zero - offset
        return size < .milliseconds(100) ? "in step" : ElapsedText.of(size) + (isAhead ? " ahead" : " behind")
    }
}

extension HealthCheck {
    /// What there is to say, without the job's name, which stands beside it.
    fileprivate var told: String {
        guard let output else { return "" }
        let name = componentID.map { $0 + ": " } ?? ""
        return output.hasPrefix(name) ? String(output.dropFirst(name.count)) : output
    }

    /// The value with its unit, for people.
    fileprivate var measured: String {
        if component == "jobs" {
            let counts = ["fail", "warn", "pass"].compactMap { name in
                details.first { $0.name == name }.map { "\($0.value.description) \(name)" }
            }
            return counts.joined(separator: ", ")
        }
        guard let observedValue else { return "" }
        let text: String =
            switch observedValue {
            case .string(let text): text.replacing("_", with: " ")
            default: observedValue.description
            }
        let unit = observedUnit.map {
            text == "1" && $0.hasSuffix("s") && $0 != "ms" ? String($0.dropLast()) : $0
        }
        return text + (unit.map { " " + $0 } ?? "")
    }
}
