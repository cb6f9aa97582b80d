import CivilTime
import Markup
import RunModel

/// The last runs of a job in a row of bars: the height is the duration, shape and colour are the outcome.
///
/// Each outcome is one path, so that 60 runs take about as many bytes as ten of their names.
package struct Strip {
    /// How many runs it shows.
    package static let length = 60
    private static let (step, height, floor) = (5.0, 34.0, 32.0)

    /// The newest first.
    let marks: [RunMark]

    /// What it shows, for those who do not see it.
    var description: String {
        var counts: [OutcomeMark: Int] = [:]
        for mark in marks { counts[OutcomeMark(mark.outcome), default: 0] += mark.occurrences }
        let parts = OutcomeMark.allCases.compactMap { mark in counts[mark].map { "\($0) \(mark.word)" } }
        return "last \(marks.count): " + parts.joined(separator: ", ")
    }

    /// What is usual among those that succeeded.
    var usual: Usual? { Usual(marks.lazy.filter { $0.outcome == .succeeded }.compactMap(\.duration)) }

    /// The picture.
    var html: HTML {
        let scale = LogScale(marks.compactMap(\.duration))
        var bars: [OutcomeMark: Path] = [:]
        var signs = Path()
        for (index, mark) in marks.prefix(Self.length).enumerated() {
            let x = Double(Self.length - index) * Self.step - Self.step / 2
            let kind = OutcomeMark(mark.outcome)
            let length = mark.duration.map { 7 + scale.part($0) * 22 } ?? 12
            switch kind {
            case .skipped: bars[kind, default: Path()].up(fromX: x, y: Self.floor, 3)
            case .declined, .missed:
                bars[kind, default: Path()].box(x: x - 1.3, y: Self.floor, width: 2.6, length)
            default: bars[kind, default: Path()].up(fromX: x, y: Self.floor, length)
            }
            switch kind {
            case .failed: signs.mark(x: x - 1.5, y: Self.floor - length + 2, "l3 3m0-3l-3 3")
            case .timedOut: signs.mark(x: x - 2, y: Self.floor - length + 4, "h4")
            case .unknown: signs.mark(x: x, y: Self.floor - length + 2, "v3m0 2v.5")
            default: break
            }
        }
        return tag(
            "svg", .class("strip"), .other("viewBox", "0 0 300 34"), .other("role", "img"),
            .label(description)
        ) {
            HTML(literal: #"<path class="l-dim" d="M0 33.5h300"/>"#)
            for kind in OutcomeMark.allCases { bars[kind]?.drawn(Self.barClass(kind)) }
            signs.drawn("on")
        }
    }

    /// A bar of each kind with its word.
    static let legend: HTML = tag("ul", .class("legend"), .label("What the bars mean")) {
        for kind in OutcomeMark.allCases where kind != .running {
            tag("li") {
                kind.glyph
                kind.word
            }
        }
    }

    private static func barClass(_ kind: OutcomeMark) -> StaticString {
        switch kind {
        case .succeeded: "b-ok"
        case .declined: "o-dec"
        case .failed: "b-bad"
        case .timedOut: "b-late"
        case .unknown: "b-unk"
        case .skipped: "b-skip"
        case .missed: "o-miss"
        case .running: "b-run"
        }
    }
}
