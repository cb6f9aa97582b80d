import CivilTime
import Markup
package import RunModel

/// Runs in a table, newest first, with what limits it.
package struct RunTable: Sendable {
    /// What limits it.
    package struct Filter: Sendable {
        package var job: String = ""
        package var outcome: Outcome?
        package var since: String = ""
        package var until: String = ""

        package init() {}

        var parameters: [(StaticString, String?)] {
            [
                ("job", job.isEmpty ? nil : job), ("outcome", outcome?.rawValue),
                ("since", since.isEmpty ? nil : since), ("until", until.isEmpty ? nil : until),
            ]
        }
    }

    package var runs: [RunRecord]
    package var filter: Filter
    /// Where the next page begins, as its address says it; nil when there is none.
    package var older: String?
    /// What is wrong with the filter; nil when nothing is.
    package var problem: String?

    package init(runs: [RunRecord], filter: Filter, older: String?, problem: String? = nil) {
        self.runs = runs
        self.filter = filter
        self.older = older
        self.problem = problem
    }

    /// The most of a reason that is shown, in characters; the run's page has all of it.
    private static let reasonMax = 200

    /// Times as the fields show how to write them.
    static let examples = ["yesterday 18:00", "2026-11-29T06:00Z"]

    /// Runs of a page.
    package static let length = 50

    /// The filters and the table; `path` is the address of the page that shows it, `hasJob` whether all are of one job.
    func html(_ path: Address, hasJob: Bool, _ frame: Frame) -> HTML {
        group {
            filters(path, hasJob: hasJob)
            if let problem { tag("p", .class("panel pad t-bad"), .other("role", "alert")) { problem } }
            if runs.isEmpty {
                if problem == nil { tag("p", .class("panel pad")) { "No runs match." } }
            } else {
                let headings = (hasJob ? [] : ["Job"]) + ["Outcome", "Due", "Took", "Why"]
                Controls.table("Runs", headings, isWide: true, runs.map { cells($0, hasJob, frame) })
                if let older {
                    tag("p", .class("do")) {
                        link(address(path).with("before", older), .class("btn"), .other("rel", "next")) {
                            "Older runs"
                        }
                    }
                }
            }
        }
    }

    private func address(_ path: Address) -> Address {
        filter.parameters.reduce(path) { $0.with($1.0, $1.1) }
    }

    private func cells(_ run: RunRecord, _ hasJob: Bool, _ frame: Frame) -> [HTML] {
        let (kind, times) = (run.state == .finished ? OutcomeMark(run.outcome) : .running, frame.times)
        var cells: [HTML] = hasJob ? [] : [link(run.job.address) { run.job.description }]
        cells.append(
            link(run.address, .label("\(run.job) \(kind.word), run \(run.shortID)")) {
                if run.isDryRun {
                    OutcomeMark.none
                    " rehearsal: " + run.rehearsalWord
                } else {
                    kind.glyph
                    " "
                    tag("span", .class(kind.textClass)) { run.word }
                    if let status = run.httpStatus { " \(status)" }
                }
            })
        cells.append(
            group {
                times.moment(run.scheduledFor ?? run.backfillOf ?? Instant(seconds: run.dueAt.seconds))
                if run.occurrences > 1, let until = run.scheduledUntil {
                    tag("div", .class("dim")) { "to \(times.text(until)), \(run.occurrences) occurrences" }
                }
                if run.trigger != .schedule {
                    tag("div", .class("dim")) {
                        run.trigger == .catchUp ? "run late" : run.backfillOf == nil ? "by hand" : "backfill"
                    }
                }
            })
        var took = "–"
        if let start = run.startedAt, let end = run.finishedAt {
            took = ElapsedText.of(max(end - start, .zero))
        }
        cells.append(HTML(took))
        cells.append(
            tag("span", .class("clip")) {
                quoted(String(run.told(frame.mayRead).prefix(Self.reasonMax)))
            })
        return cells
    }

    private func filters(_ path: Address, hasJob: Bool) -> HTML {
        tag("form", .class("filter"), .action(path), .other("method", "get")) {
            if !hasJob { field("job", "Job", filter.job) }
            tag("div") {
                tag("label", .other("for", "outcome")) { "Outcome" }
                tag("select", .id("outcome"), .other("name", "outcome")) {
                    tag("option", .other("value", "")) { "any" }
                    for outcome in Outcome.allCases {
                        tag(
                            "option",
                            [.other("value", outcome.rawValue)]
                                + (outcome == filter.outcome ? [.flag("selected")] : [])
                        ) { OutcomeMark(outcome).word }
                    }
                }
            }
            field("since", "Since", filter.since, Self.examples[0])
            field("until", "Until", filter.until, Self.examples[1])
            tag("button", .class("btn")) { "Show" }
        }
    }

    private func field(_ name: String, _ label: String, _ value: String, _ example: String = "") -> HTML {
        tag("div") {
            tag("label", .other("for", name)) { label }
            void(
                "input", .id(name), .other("name", name), .other("type", "text"), .other("size", "18"),
                .other("maxlength", "64"), .other("value", value), .other("placeholder", example))
        }
    }
}

/// The history of all jobs.
package struct RunsPage: Sendable {
    package var table: RunTable

    package init(table: RunTable) {
        self.table = table
    }

    package func page(_ frame: Frame) -> Frame.Page {
        frame.page(
            "Runs", .runs,
            main: group {
                tag("h1") { "Runs" }
                tag("p", .class("dim")) {
                    "What was recorded last comes first. A time without a zone in the filters is \(frame.times.zone.name)."
                }
                Controls.section("list", "History") {
                    table.html(Address("/runs"), hasJob: false, frame)
                }
            })
    }
}
