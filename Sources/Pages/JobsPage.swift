package import CivilTime
import JobCatalog
import Markup
package import Records
package import RunEngine
package import RunModel
import Scheduling

/// The first page: what needs somebody, what ran last night, what comes.
package struct JobsPage: Sendable {
    /// A job with what pictures show of it.
    package struct Row: Sendable {
        package var status: JobStatus
        /// Its last runs, the newest first, at most `Strip.length`.
        package var marks: [RunMark]
        /// Its lane on the time line; nil when it has none.
        package var lane: TimeLine.Lane?

        package init(status: JobStatus, marks: [RunMark], lane: TimeLine.Lane?) {
            self.status = status
            self.marks = marks
            self.lane = lane
        }
    }

    /// Which jobs are listed.
    package struct Filter: Sendable, Equatable {
        /// How jobs do.
        package enum State: String, Sendable, CaseIterable {
            /// All of them.
            case all
            /// Those that fail or warn, and are not paused.
            case needsYou = "needs-you"
            case paused
            case well
        }

        /// A part of their names.
        package var text = ""
        package var state = State.all
        /// 1 for the first.
        package var page = 1

        package init() {}

        /// The longest text.
        package static let textMax = 63
        /// Jobs of a page.
        package static let pageLength = 50
    }

    /// How many jobs do how well.
    package struct Totals: Sendable {
        package var jobs: Int
        package var needYou: Int
        package var paused: Int
        package var running: Int

        package init(jobs: Int, needYou: Int, paused: Int, running: Int) {
            self.jobs = jobs
            self.needYou = needYou
            self.paused = paused
            self.running = running
        }
    }

    /// Whether every occurrence has its row.
    package enum Audit: Sendable, Equatable {
        /// It is being looked at for the first time.
        case underWay
        case clean(at: Instant)
        /// So many findings.
        case findings(Int, at: Instant)
        /// Why it is not known.
        case unknown(String)
    }

    /// Jobs that need somebody, the worst first, at most `needsMax`.
    package var needs: [JobStatus]
    package var totals: Totals
    package var rows: [Row]
    package var filter: Filter
    /// How many jobs the filter leaves.
    package var matching: Int
    /// How the last 24 hours ended; nil when that cannot be read.
    package var tally: Tally?
    /// Nil for who has not signed in.
    package var audit: Audit?
    /// The pause of all jobs.
    package var pauseOfAll: Pause?
    /// What is wrong with the service itself, in sentences.
    package var troubles: [String]
    /// Why the runs are not shown; nil when they are.
    package var unread: String?
    /// What did not end well in the last day.
    package var notWell = NotWell(entries: [])

    package init(
        needs: [JobStatus], totals: Totals, rows: [Row], filter: Filter, matching: Int, tally: Tally?,
        audit: Audit?, pauseOfAll: Pause?, troubles: [String], unread: String?
    ) {
        self.needs = needs
        self.totals = totals
        self.rows = rows
        self.filter = filter
        self.matching = matching
        self.tally = tally
        self.audit = audit
        self.pauseOfAll = pauseOfAll
        self.troubles = troubles
        self.unread = unread
    }

    /// More jobs that need somebody are counted.
    package static let needsMax = 5

    package func page(_ frame: Frame) -> Frame.Page {
        let count = totals.needYou + troubles.count
        let title = count == 0 ? "Jobs" : count == 1 ? "1 needs you" : "\(count) need you"
        return frame.page(title, .jobs, main: html(frame))
    }

    private func html(_ frame: Frame) -> HTML {
        let times = frame.times
        return group {
            tag("h1", .class("vh")) { "Jobs" }
            Needs(page: self, frame: frame).html
            glance(times)
            if let unread {
                tag("p", .class("panel pad")) {
                    "The recorded runs cannot be read now: "
                    quoted(unread)
                    ". What follows is what this daemon knows."
                }
            }
            notWell.html(frame)
            let lanes = rows.compactMap(\.lane)
            if !lanes.isEmpty {
                let zone = times.hasZone ? times.zone.name : "UTC"
                Controls.section("timeline", "The last 12 hours and the next 24, \(zone)") {
                    Controls.picture("Time line", TimeLine(lanes: lanes, times: times).html)
                    if lanes.count < rows.count {
                        tag("p", .class("dim")) { "The first \(lanes.count) of the jobs below." }
                    }
                }
            }
            list(frame)
        }
    }

    private func glance(_ times: Times) -> HTML {
        tag("section", .label("At a glance")) {
            tag("dl", .class("facts")) {
                fact("jobs", totals.jobs.grouped)
                fact("need you", totals.needYou.grouped, totals.needYou > 0 ? "t-bad" : "")
                fact("paused", totals.paused.grouped, totals.paused > 0 ? "t-late" : "")
                fact("running here", totals.running.grouped)
                if let tally { lastDay(tally, times) }
                if let audit { fact("audit", audit.sign, audit.classes, " " + audit.words(times)) }
            }
        }
    }

    /// How the occurrences of the last day ended, each outcome with its runs.
    private func lastDay(_ tally: Tally, _ times: Times) -> HTML {
        let since = Instant(seconds: times.minute.seconds - 86_400).rfc3339
        return tag("div") {
            tag("dt") { "last 24 h" }
            tag("dd") {
                (tally.isWhole ? "" : "the newest ") + tally.total.grouped
                tag("small") {
                    ": \(tally.well.grouped) well"
                    for outcome in Outcome.allCases where ![.succeeded, .declined].contains(outcome) {
                        if let count = tally.counts[outcome], count > 0 {
                            ", "
                            link(Address("/runs").with("outcome", outcome.rawValue).with("since", since)) {
                                "\(count.grouped) \(OutcomeMark(outcome).word)"
                            }
                        }
                    }
                }
            }
        }
    }

    private func fact(
        _ name: String, _ value: String, _ classes: StaticString = "", _ words: String? = nil
    ) -> HTML {
        tag("div") {
            tag("dt") { name }
            tag("dd") {
                tag("span", .class(classes)) { value }
                if let words { tag("small") { words } }
            }
        }
    }

    // MARK: The list

    private func list(_ frame: Frame) -> HTML {
        Controls.section("jobs", "Jobs") {
            if pauseOfAll == nil, totals.jobs > 0 {
                tag("p", .class("aside")) { link(Address("/pause")) { "Pause all jobs…" } }
            }
            if totals.jobs > 10 || filter != Filter() { filters }
            if rows.isEmpty {
                tag("p", .class("panel pad")) {
                    totals.jobs == 0
                        ? "No job is loaded. Schedule files are read from the directories of ALMANAC_SCHEDULES."
                        : "No job matches."
                }
            } else {
                tag("ul", .class("panel jobs")) { for row in rows { JobRow(row: row, frame: frame).html } }
                tag("div", .class("row")) {
                    Strip.legend
                    pages
                }
            }
        }
    }

    private var filters: HTML {
        tag("form", .class("filter"), .action(Address("/")), .other("method", "get")) {
            tag("div") {
                tag("label", .other("for", "text")) { "Name" }
                void(
                    "input", .id("text"), .other("name", "text"), .other("type", "search"),
                    .other("maxlength", String(Filter.textMax)), .other("value", filter.text))
            }
            tag("div") {
                tag("label", .other("for", "state")) { "State" }
                tag("select", .id("state"), .other("name", "state")) {
                    for state in Filter.State.allCases {
                        tag(
                            "option",
                            [.other("value", state.rawValue)]
                                + (state == filter.state ? [.flag("selected")] : [])
                        ) { state.words }
                    }
                }
            }
            tag("button", .class("btn")) { "Show" }
        }
    }

    private func address(page: Int) -> Address {
        Address("/").with("text", filter.text.isEmpty ? nil : filter.text)
            .with("state", filter.state == .all ? nil : filter.state.rawValue)
            .with("page", page == 1 ? nil : String(page))
    }

    private var pages: HTML {
        let last = (matching + Filter.pageLength - 1) / Filter.pageLength
        guard last > 1 else { return HTML() }
        return tag("nav", .class("meta"), .label("Pages of jobs")) {
            if filter.page > 1 {
                link(address(page: filter.page - 1), .other("rel", "prev")) { "← previous" }
            }
            "page \(filter.page) of \(last)"
            if filter.page < last { link(address(page: filter.page + 1), .other("rel", "next")) { "next →" } }
        }
    }
}

extension JobsPage.Filter.State {
    fileprivate var words: String {
        switch self {
        case .all: "all"
        case .needsYou: "needs you"
        case .paused: "paused"
        case .well: "OK"
        }
    }
}

extension JobsPage.Audit {
    fileprivate var sign: String {
        switch self {
        case .clean: "✓"
        case .findings(let count, _): String(count)
        case .underWay, .unknown: "–"
        }
    }

    fileprivate var classes: StaticString {
        switch self {
        case .clean: "t-ok"
        case .findings: "t-bad"
        case .underWay, .unknown: ""
        }
    }

    fileprivate func words(_ times: Times) -> String {
        switch self {
        case .underWay: "of the last 24 h is under way"
        case .clean(let at):
            "every run due in the 24 h up to \(times.text(Instant(seconds: at.seconds / 60 * 60))) is on record"
        case .findings(let count, _):
            "\(count == 1 ? "finding" : "findings") in the last 24 h: almanac audit lists them"
        case .unknown(let why): "not known: \(why)"
        }
    }
}
