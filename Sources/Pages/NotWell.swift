package import CivilTime
import Markup
package import RunModel

/// What did not end well in the last day, by job: also what has been made good since.
package struct NotWell: Sendable {
    /// A job, and its newest run that did not end well.
    package struct Entry: Sendable {
        package var run: RunRecord
        /// How many of its runs did not end well, at least.
        package var count: Int
        /// When it succeeded after that; nil when it has not.
        package var succeededAt: Instant?

        package init(run: RunRecord, count: Int, succeededAt: Instant?) {
            self.run = run
            self.count = count
            self.succeededAt = succeededAt
        }
    }

    /// The newest first.
    package var entries: [Entry]

    package init(entries: [Entry]) {
        self.entries = entries
    }

    /// Jobs that are listed.
    package static let entriesMax = 6
    /// How much of a reason is shown, in characters.
    private static let reasonMax = 90

    func html(_ frame: Frame) -> HTML? {
        guard !entries.isEmpty else { return nil }
        return Controls.section("not-well", "What else did not end well in the last 24 hours") {
            tag("ul", .class("panel pad plain")) {
                for entry in entries { tag("li") { line(entry, frame) } }
            }
        }
    }

    private func line(_ entry: Entry, _ frame: Frame) -> HTML {
        let (run, times) = (entry.run, frame.times)
        let kind = OutcomeMark(run.outcome)
        return group {
            kind.glyph
            " "
            link(run.address) {
                "\(run.job), \(times.text(run.scheduledFor ?? Instant(seconds: run.dueAt.seconds)))"
            }
            " " + kind.word
            if let status = run.httpStatus { " \(status)" }
            if entry.count > 1 { ", the last of \(entry.count)" }
            let told = run.told(frame.mayRead)
            if !told.isEmpty {
                tag("span", .class("dim")) {
                    ": "
                    quoted(told.count > Self.reasonMax ? told.prefix(Self.reasonMax) + "…" : told)
                }
            }
            if let succeededAt = entry.succeededAt {
                "; succeeded at \(times.text(Instant(seconds: succeededAt.seconds)))"
            }
        }
    }
}
