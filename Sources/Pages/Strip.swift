import CivilTime
import Markup
import Records
import RunModel

/// The last runs of a job in a row of bars: the height is the duration, shape and colour are the outcome.
///
/// Each outcome is one path, so that 60 runs take about as many bytes as ten of their names.
package struct Strip {
    /// How many runs it shows.
    package static let length = 60
    private static let step = 5.0

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

    /// The picture. Bars that succeeded, nearly all, are one area: lines in the colour of the ground make bars of it.
    var html: HTML {
        let scale = LogScale(marks.compactMap(\.duration))
        var area = Path()
        var bars: [OutcomeMark: Path] = [:]
        var signs = Path()
        var heights: [Int] = []
        for (index, mark) in marks.prefix(Self.length).enumerated() {
            let x = Double(Self.length - index) * Self.step - 2
            let kind = OutcomeMark(mark.outcome)
            let length = mark.duration.map { (7 + scale.part($0) * 22).rounded() } ?? 12
            heights.append(kind == .succeeded ? Int(length) : 0)
            switch kind {
            case .succeeded: break
            case .skipped: bars[kind, default: Path()].up(fromX: x, y: 0, 3)
            case .declined, .missed: bars[kind, default: Path()].box(x: x - 1.3, y: 0, width: 2.6, length)
            case .failed, .timedOut, .unknown, .running:
                bars[kind, default: Path()].up(fromX: x, y: 0, length)
            }
            switch kind {
            case .failed: signs.mark(x: x - 1.5, y: 2 - length, "l3 3m0-3l-3 3")
            case .timedOut: signs.mark(x: x - 2, y: 4 - length, "h4")
            case .unknown: signs.mark(x: x, y: 2 - length, "v3m0 2v.5")
            case .succeeded, .declined, .skipped, .missed, .running: break
            }
        }
        if heights.contains(where: { $0 > 0 }) {
            area.columns(
                fromX: (Self.length - heights.count) * Int(Self.step), width: Int(Self.step),
                heights.reversed())
        }
        return tag(
            "svg", .class("strip"), .other("viewBox", "0 -32 300 34"), .other("role", "img"),
            .label(description)
        ) {
            area.drawn("f-ok")
            HTML(literal: ##"<use href="#gaps"/>"##)
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
        case .succeeded: "f-ok"
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
