import CivilTime
import Markup
import Records
import RunModel

/// A duration of each of the last runs, with what is usual, and one run that stands out.
struct Plot {
    /// What is shown.
    let title: String
    /// The oldest first.
    let points: [(mark: RunMark, value: Duration)]
    /// The run that stands out.
    let run: RunID
    let times: Times

    /// Of runs up to this one, the newest first; those without a value are left out.
    init(_ title: String, _ marks: [RunMark], of run: RunID, _ times: Times, value: (RunMark) -> Duration?) {
        self.title = title
        points = marks.reversed().compactMap { mark in value(mark).map { (mark, $0) } }
        self.run = run
        self.times = times
    }

    private static let (left, right, top, bottom) = (64.0, 510.0, 14.0, 120.0)

    /// What is usual among the others that succeeded, or among all others when none did. Of a few nothing is.
    private var usual: Usual? {
        let others = points.filter { $0.mark.id != run }
        guard others.count >= Self.othersMin else { return nil }
        return Usual(others.filter { $0.mark.outcome == .succeeded }.map(\.value))
            ?? Usual(others.map(\.value))
    }

    /// So many others say what is usual.
    private static let othersMin = 5
    /// So many times as long as the median is worth a word.
    private static let factorMin: Int64 = 3

    var html: HTML {
        guard let usual else {
            return tag("figure", .class("panel")) {
                tag("figcaption") { title }
                tag("p", .class("dim")) { "There is nothing to compare with yet." }
            }
        }
        let this = points.first { $0.mark.id == run }?.value
        let factor = this.map { $0.wholeMicroseconds / max(usual.median.wholeMicroseconds, 1) } ?? 0
        let caption =
            "usually \(usual.words)"
            + (factor >= Self.factorMin && (this ?? .zero) > usual.high
                ? "; this one \(Int(factor).grouped) times the median" : "")
        return tag("figure", .class("panel")) {
            tag("figcaption") {
                title + " "
                tag("span", .class("dim")) { caption }
            }
            tag(
                "svg", .class("plot"), .other("viewBox", "0 0 520 150"), .other("role", "img"),
                .label(
                    "\(title) of the last \(points.count): \(caption)"
                        + (this.map { "; this one \(Usual.text($0))" } ?? ""))
            ) { drawing(usual) }
        }
    }

    private func drawing(_ usual: Usual) -> HTML {
        let scale = LogScale(points.map(\.value))
        func x(_ index: Int) -> Double {
            Self.left + (Self.right - Self.left) * Double(index) / Double(max(points.count - 1, 1))
        }
        func y(_ value: Duration) -> Double { Self.bottom - scale.part(value) * (Self.bottom - Self.top) }
        var line = Path()
        line.line(points.enumerated().map { (x($0.offset), y($0.element.value)) })
        var dots: [OutcomeMark: Path] = [:]
        var this: HTML?
        for (index, point) in points.enumerated() {
            dots[OutcomeMark(point.mark.outcome), default: Path()].dot(
                x: Int(x(index)), y: Int(y(point.value)))
            if point.mark.id == run {
                this = shape(
                    "circle", .class("this"), .at("cx", x(index)), .at("cy", y(point.value)),
                    .other("r", "5.5"))
            }
        }
        let (low, high) = (y(usual.low), y(usual.high))
        return group {
            shape(
                "rect", .class("usual"), .at("x", Self.left), .at("y", high - 2),
                .at("width", Self.right - Self.left), .at("height", max(low - high, 0) + 4))
            shape(
                "path", .class("median"),
                .other("d", "M\(Coordinate(Self.left)) \(Coordinate(y(usual.median)))H510"))
            line.drawn("trace")
            for kind in OutcomeMark.allCases { dots[kind]?.drawn(Self.dotClass(kind)) }
            this
            for value in labels(usual) {
                tag("text", .class("tick end"), .at("x", Self.left - 8), .at("y", y(value) + 4)) {
                    Usual.text(value)
                }
            }
            tag("text", .class("tick st"), .at("x", Self.left), .other("y", "142")) { day(points.first) }
            tag("text", .class("tick end"), .at("x", Self.right), .other("y", "142")) { day(points.last) }
        }
    }

    /// The least, the median and the greatest, unless they would stand on each other.
    private func labels(_ usual: Usual) -> [Duration] {
        let values = points.map(\.value)
        let scale = LogScale(values)
        var shown = [usual.median]
        for value in [values.min(), values.max()].compactMap(\.self)
        where shown.allSatisfy({ abs(scale.part($0) - scale.part(value)) > 0.15 }) {
            shown.append(value)
        }
        return shown
    }

    private func day(_ point: (mark: RunMark, value: Duration)?) -> String {
        point.map { times.date($0.mark.at) } ?? ""
    }

    private static func dotClass(_ kind: OutcomeMark) -> StaticString {
        switch kind {
        case .succeeded: "p-ok"
        case .declined: "p-dec"
        case .failed, .missed: "p-bad"
        case .timedOut: "p-late"
        case .unknown: "p-unk"
        case .skipped: "p-skip"
        case .running: "p-run"
        }
    }
}
