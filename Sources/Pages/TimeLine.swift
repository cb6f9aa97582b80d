package import CivilTime
import Markup
package import Records
package import RunModel

/// What ran and what comes, a lane a job: from 12 hours ago to 24 hours ahead.
package struct TimeLine {
    /// What is known of a job on it.
    package struct Lane: Sendable {
        package var job: JobName
        /// Its last runs, the newest first, at most `Strip.length`.
        package var marks: [RunMark]
        /// Its runs in the past of the time line that did not end as they should, where `marks` do not reach back so far.
        package var troubles: [RunMark]
        /// The occurrences that come, at most one more than a lane shows one by one.
        package var upcoming: [Instant]
        /// The next one that comes, also one after the end of the time line.
        package var next: Instant?
        /// Whether it is held back.
        package var isPaused: Bool

        package init(
            job: JobName, marks: [RunMark], troubles: [RunMark], upcoming: [Instant], next: Instant?,
            isPaused: Bool
        ) {
            self.job = job
            self.marks = marks
            self.troubles = troubles
            self.upcoming = upcoming
            self.next = next
            self.isPaused = isPaused
        }
    }

    /// How far back it goes.
    package static let past: Duration = .seconds(12 * 3600)
    /// How far ahead it goes.
    package static let future: Duration = .seconds(24 * 3600)
    /// A lane with more marks than these shows a band in their place.
    package static let marksMax = 48
    /// How many jobs have a lane.
    package static let lanesMax = 20

    private static let (left, right, top, lane) = (176.0, 1080.0, 26.0, 26.0)
    /// A name that is longer is cut.
    private static let nameMax = 24

    let lanes: [Lane]
    let times: Times

    private var start: Instant { times.minute - Self.past }
    private var end: Instant { times.minute + Self.future }
    private var bottom: Double { Self.top + Double(lanes.count) * Self.lane }

    private func x(_ instant: Instant) -> Double {
        let part = Double((instant - start).wholeMicroseconds) / Double((end - start).wholeMicroseconds)
        return Self.left + min(max(part, 0), 1) * (Self.right - Self.left)
    }

    var html: HTML {
        var drawing = Drawing()
        for (index, lane) in lanes.enumerated() {
            draw(lane, y: Self.top + (Double(index) + 0.5) * Self.lane, &drawing)
        }
        return tag(
            "svg", .class("timeline"), .other("viewBox", "0 0 1090 \(Coordinate(bottom + 6))"),
            .other("role", "img"), .label(description)
        ) {
            grid
            drawing.html
            now
        }
    }

    /// What it shows, for those who do not see it.
    private var description: String {
        let lanes = lanes.map { lane in
            let past = past(of: lane)
            let wrong = past.filter {
                $0.outcome != nil && $0.outcome != .succeeded && $0.outcome != .declined
            }
            let coming =
                lane.upcoming.count > Self.marksMax
                ? "more than \(Self.marksMax) to come" : "\(lane.upcoming.count) to come"
            return "\(lane.job): \(wrong.count) did not end well, \(coming)"
        }
        return "The last 12 hours and the next 24. " + lanes.joined(separator: "; ")
    }

    private func past(of lane: Lane) -> [RunMark] {
        let known = Set(lane.marks.map(\.id))
        return (lane.marks + lane.troubles.filter { !known.contains($0.id) }).filter {
            $0.at >= start && $0.at <= times.now
        }
    }

    private var grid: HTML {
        var lines = Path()
        var labels = HTML()
        // Full hours by the clock of the reader, each third of them.
        let local = times.zone.local(at: start)
        var hour = start + .seconds(3600 - Int64(local.secondOfDay % 3600))
        var shown: CivilDate?
        while hour < end {
            let clock = times.zone.local(at: hour)
            if clock.hour % 3 == 0 {
                let x = x(hour)
                lines.up(fromX: x, y: bottom, bottom - Self.top)
                // The label of now has its own place. The first label of a day names it.
                if abs(x - self.x(times.minute)) > 44 {
                    let day = clock.date == shown ? "" : clock.date.weekday.name.prefix(3) + " "
                    shown = clock.date
                    labels += tag("text", .at("x", x), .other("y", "14"), .class("tick")) {
                        clock.hour < 3 && !day.isEmpty ? times.date(hour) : day + times.hour(hour)
                    }
                }
            }
            hour = hour + .seconds(3600)
        }
        return group {
            shape(
                "rect", .class("past"), .at("x", Self.left), .at("y", Self.top),
                .at("width", x(times.minute) - Self.left), .at("height", bottom - Self.top))
            lines.drawn("grid")
            labels
        }
    }

    private var now: HTML {
        let x = x(times.minute)
        return group {
            shape(
                "path", .class("now"),
                .other("d", "M\(Coordinate(x)) \(Coordinate(Self.top - 4))V\(Coordinate(bottom + 4))"))
            shape(
                "rect", .class("nowbox"), .at("x", x - 23), .other("y", "1"), .other("width", "46"),
                .other("height", "19"), .other("rx", "9"))
            tag("text", .class("nowtext"), .at("x", x), .other("y", "14")) { times.hour(times.minute) }
        }
    }

    /// The paths of all lanes, by what they show.
    private struct Drawing {
        var names = HTML()
        var rows = Path()
        var bands = Path()
        var pastBands = Path()
        var ticks: [OutcomeMark: Path] = [:]
        var dots: [OutcomeMark: Path] = [:]
        var crosses = Path()
        var hands = Path()
        var due = Path()
        var dueTicks = Path()
        var paused = Path()

        var html: HTML {
            group {
                rows.drawn("grid")
                bands.drawn("band")
                pastBands.drawn("band-ok")
                dueTicks.drawn("k-due")
                for kind in OutcomeMark.allCases { ticks[kind]?.drawn(Self.tickClass(kind)) }
                for kind in OutcomeMark.allCases { dots[kind]?.drawn(Self.dotClass(kind)) }
                // A ring is a dot with a smaller one on it.
                for kind in [OutcomeMark.declined, .missed] { dots[kind]?.drawn("d-hole") }
                due.drawn("d-due", then: "d-hole", id: "due")
                paused.drawn("d-late", then: "d-hole", id: "held-back")
                crosses.drawn("on")
                hands.drawn("on")
                names
            }
        }

        private static func dotClass(_ kind: OutcomeMark) -> StaticString {
            switch kind {
            case .succeeded: "d-ok"
            case .declined: "d-dec"
            case .failed: "d-bad"
            case .timedOut: "d-late"
            case .unknown: "d-unk"
            case .skipped: "d-skip"
            case .missed: "d-bad"
            case .running: "d-run"
            }
        }

        private static func tickClass(_ kind: OutcomeMark) -> StaticString {
            switch kind {
            case .succeeded: "k-ok"
            case .declined: "k-dec"
            case .failed, .missed: "k-bad"
            case .timedOut: "k-late"
            case .unknown: "k-unk"
            case .skipped: "k-skip"
            case .running: "k-run"
            }
        }
    }

    /// Marks this close together are lines, not dots.
    private static let crowded = 14.0

    private func draw(_ lane: Lane, y: Double, _ drawing: inout Drawing) {
        drawing.rows.right(fromX: Self.left, y: y, Self.right - Self.left)
        let name = lane.job.description
        drawing.names += tag("text", .class("lane"), .at("y", y + 4)) {
            name.count <= Self.nameMax ? name : name.prefix(Self.nameMax - 1) + "…"
        }
        drawPast(lane, y: y, &drawing)
        if lane.upcoming.count > Self.marksMax {
            drawing.bands.right(fromX: x(times.minute) + 2, y: y, Self.right - x(times.minute) - 2)
            return
        }
        if lane.upcoming.isEmpty, let next = lane.next {
            drawing.names += tag("text", .class("later"), .at("x", Self.right), .at("y", y - 3)) {
                "next \(times.date(next)) \(times.hour(next)) →"
            }
        }
        let isCrowded = isCrowded(lane.upcoming)
        for instant in lane.upcoming {
            if isCrowded {
                drawing.dueTicks.up(fromX: x(instant), y: y + 5, 10)
            } else if lane.isPaused {
                drawing.paused.dot(x: Int(x(instant)), y: Int(y))
            } else {
                drawing.due.dot(x: Int(x(instant)), y: Int(y))
            }
        }
    }

    private func drawPast(_ lane: Lane, y: Double, _ drawing: inout Drawing) {
        var marks = past(of: lane)
        // All of its marks are younger than the line's beginning: there are more than these.
        let isPart = lane.marks.count >= Strip.length && (lane.marks.last.map { $0.at > start } ?? false)
        let isBand = isPart || marks.count > Self.marksMax
        if isBand {
            let first = isPart ? start : marks.map(\.at).min() ?? start
            drawing.pastBands.right(fromX: x(first), y: y, max(x(times.minute) - x(first) - 2, 0))
            // What went wrong is seen through it.
            marks = marks.filter { ![.succeeded, .declined, .skipped].contains(OutcomeMark($0.outcome)) }
        }
        let isCrowded = isBand || isCrowded(marks.map(\.at))
        for mark in marks {
            let (kind, x) = (OutcomeMark(mark.outcome), x(mark.at).rounded())
            if isCrowded {
                drawing.ticks[kind, default: Path()].up(fromX: x, y: y + 6, 12)
                continue
            }
            if kind == .skipped {
                drawing.dots[kind, default: Path()].right(fromX: x - 3, y: y, 6)
                continue
            }
            drawing.dots[kind, default: Path()].dot(x: Int(x), y: Int(y))
            switch kind {
            case .failed: drawing.crosses.mark(x: x - 2.3, y: y - 2.3, "l4.6 4.6m0-4.6l-4.6 4.6")
            case .timedOut: drawing.hands.mark(x: x, y: y - 3, "v3l2 1.5")
            case .unknown: drawing.hands.mark(x: x, y: y - 3, "v3.5m0 2v.4")
            default: break
            }
        }
    }

    private func isCrowded(_ instants: [Instant]) -> Bool {
        let places = instants.map(x).sorted()
        return zip(places, places.dropFirst()).contains { $1 - $0 < Self.crowded }
    }
}
