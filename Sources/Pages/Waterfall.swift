import CivilTime
import Markup
import RunModel

/// What happened in a run, from when it was due to its end: each attempt and each wait on a line of its own.
struct Waterfall {
    let run: RunRecord
    let attempts: [AttemptRecord]
    let times: Times

    /// The first attempt is recorded with the claim, and the run from when its request was sent: that is its start.
    init(run: RunRecord, attempts: [AttemptRecord], times: Times) {
        self.run = run
        self.attempts = attempts.map { attempt in
            var attempt = attempt
            if attempt.number == 1, let started = run.startedAt {
                attempt.startedAt = max(started, attempt.startedAt)
            }
            return attempt
        }
        self.times = times
    }

    private static let (left, right, top, lane) = (150.0, 900.0, 26.0, 26.0)
    /// Of many attempts the first are drawn; the others are in the table.
    private static let attemptsMax = 12

    private struct Line {
        enum Mark {
            case due
            case attempt(Instant, Instant, OutcomeMark)
            case wait(Instant, Instant)
            case end(Instant, OutcomeMark)
        }
        var name: String
        var note: String
        var mark: Mark
    }

    private var start: Instant { min(run.dueAt, attempts.first?.startedAt ?? run.dueAt) }

    private var end: Instant {
        let known = [run.finishedAt, attempts.last?.finishedAt, attempts.last?.startedAt, run.retryAt]
        let last = known.compactMap(\.self).max() ?? start
        // What is under way goes on to now.
        return max(run.state == .finished ? last : max(last, times.now), start + .milliseconds(1))
    }

    private func x(_ instant: Instant) -> Double {
        let part =
            Double((instant - start).wholeMicroseconds) / Double(max((end - start).wholeMicroseconds, 1))
        return Self.left + min(max(part, 0), 1) * (Self.right - Self.left)
    }

    private var lines: [Line] {
        let started = (run.startedAt ?? attempts.first?.startedAt).map {
            ", started " + Self.late($0 - run.dueAt)
        }
        var lines = [
            Line(name: "due", note: times.exact(run.dueAt) + " UTC" + (started ?? ""), mark: .due)
        ]
        var last: Instant?
        for attempt in attempts.prefix(Self.attemptsMax) {
            if let last, attempt.startedAt > last {
                lines.append(
                    Line(
                        name: "wait", note: ElapsedText.of(attempt.startedAt - last),
                        mark: .wait(last, attempt.startedAt)))
            }
            let kind: OutcomeMark =
                attempt.finishedAt == nil
                ? run.state == .finished ? .unknown : .running
                : attempt.reason == nil ? .succeeded : attempt.reason == .timeout ? .timedOut : .failed
            let took = attempt.finishedAt.map { " in " + ElapsedText.of($0 - attempt.startedAt) } ?? ""
            let answer = attempt.httpStatus.map(String.init) ?? attempt.reason?.rawValue
            lines.append(
                Line(
                    name: "attempt \(attempt.number)",
                    note: (answer ?? (kind == .running ? "no answer yet" : "the end is not known")) + took,
                    mark: .attempt(attempt.startedAt, attempt.finishedAt ?? end, kind)))
            last = attempt.finishedAt ?? attempt.startedAt
        }
        if run.state != .finished, let retryAt = run.retryAt, let last {
            lines.append(
                Line(name: "wait", note: "next attempt \(times.exact(retryAt))", mark: .wait(last, retryAt)))
        }
        if let finishedAt = run.finishedAt {
            let kind = OutcomeMark(run.outcome)
            lines.append(
                Line(
                    name: kind.word, note: "after " + ElapsedText.of(max(finishedAt - start, .zero)),
                    mark: .end(finishedAt, kind)))
        }
        return lines
    }

    static func late(_ duration: Duration) -> String {
        duration < .milliseconds(1) ? "on time" : ElapsedText.of(duration) + " late"
    }

    var html: HTML {
        let lines = lines
        let bottom = Self.top + Double(lines.count) * Self.lane
        return tag(
            "svg", .class("timeline"), .other("viewBox", "0 0 1090 \(Coordinate(bottom + 6))"),
            .other("role", "img"), .label(lines.map { "\($0.name): \($0.note)" }.joined(separator: "; "))
        ) {
            grid(bottom)
            for (index, line) in lines.enumerated() {
                draw(line, y: Self.top + (Double(index) + 0.5) * Self.lane)
            }
        }
    }

    /// A line at each second, minute or hour, where that makes three to seven of them.
    private func grid(_ bottom: Double) -> HTML {
        let length = (end - start).wholeMicroseconds
        let steps: [Int64] = [
            1000, 10_000, 100_000, 1_000_000, 5_000_000, 15_000_000, 60_000_000, 300_000_000, 900_000_000,
            3_600_000_000, 21_600_000_000, 86_400_000_000,
        ]
        let step = steps.first { length / $0 <= 7 } ?? max(length / 7, 1)
        var lines = Path()
        var labels = HTML()
        for number in 0...max(length / step, 0) {
            let offset = Duration.microseconds(number * step)
            let x = x(start + offset)
            lines.up(fromX: x, y: bottom, bottom - Self.top)
            labels += tag("text", .class("tick"), .at("x", x), .other("y", "14")) {
                number == 0 ? times.clock(start) : "+" + Self.offset(offset)
            }
        }
        return lines.drawn("grid") + labels
    }

    /// A distance of the grid, whole in its unit.
    private static func offset(_ duration: Duration) -> String {
        let microseconds = duration.wholeMicroseconds
        switch microseconds {
        case ..<1_000_000: return "\(microseconds / 1000) ms"
        case ..<60_000_000: return "\(microseconds / 1_000_000) s"
        default: return Times.span(duration)
        }
    }

    private func draw(_ line: Line, y: Double) -> HTML {
        func note(after x: Double) -> HTML {
            tag("text", .class("note"), .at("x", x + 10), .at("y", y + 4)) { line.note }
        }
        return group {
            tag("text", .class("lane"), .at("y", y + 4)) { line.name }
            switch line.mark {
            case .due:
                shape("circle", .class("l-ink"), .at("cx", x(run.dueAt)), .at("cy", y), .other("r", "4.5"))
                note(after: x(run.dueAt))
            case .attempt(let from, let to, let kind):
                shape(
                    "rect", .class(Self.barClass(kind)), .at("x", x(from)), .at("y", y - 8),
                    .at("width", max(x(to) - x(from), 3)), .other("height", "16"), .other("rx", "3"))
                note(after: max(x(to), x(from) + 3))
            case .wait(let from, let to):
                shape(
                    "path", .class("waiting"),
                    .other(
                        "d", "M\(Coordinate(x(from))) \(Coordinate(y))H\(Coordinate(max(x(to), x(from) + 3)))"
                    ))
                note(after: max(x(to), x(from) + 3))
            case .end(let at, let kind):
                shape(
                    "circle", .class(Self.barClass(kind)), .at("cx", x(at)), .at("cy", y),
                    .other("r", "5"))
                note(after: x(at))
            }
        }
    }

    private static func barClass(_ kind: OutcomeMark) -> StaticString {
        switch kind {
        case .succeeded: "f-ok"
        case .declined: "l-dec"
        case .failed: "f-bad"
        case .timedOut: "f-late"
        case .unknown: "f-unk"
        case .skipped: "f-skip"
        case .missed: "l-miss"
        case .running: "f-run"
        }
    }
}
