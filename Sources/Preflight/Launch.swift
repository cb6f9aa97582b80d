package import CivilTime
package import Records

/// The last launch, as its recorded steps tell.
package struct Launch: Sendable {
    /// The steps of a cutover, in their order.
    package enum Step: String, Sendable, CaseIterable {
        /// Everything is as it must be before.
        case preflight
        /// The jobs run.
        case resume
        /// What users see works.
        case smoke
        /// It still does after a while.
        case verify
    }

    /// The steps of the way back.
    package enum BackStep: String, Sendable, CaseIterable {
        /// No job runs any more.
        case pause
        /// What was under way has ended.
        case drain
    }

    /// In the order in which they ended.
    package let steps: [LaunchStep]

    /// The launch of these steps.
    package init(_ steps: [LaunchStep]) {
        self.steps = steps
    }

    /// Which launch; nil before the first.
    package var id: Instant? { steps.first?.launch }

    /// Whether it was given up.
    package var isRolledBack: Bool { steps.contains { $0.kind == .rollback && $0.isDone } }

    /// A step of the cutover as it ended last; nil when nobody tried it.
    package func step(_ step: Step) -> LaunchStep? {
        steps.last { $0.kind == .cutover && $0.step == step.rawValue }
    }

    /// A step of the way back as it ended last; nil when nobody tried it.
    package func step(_ step: BackStep) -> LaunchStep? {
        steps.last { $0.kind == .rollback && $0.step == step.rawValue }
    }

    /// The first step of the cutover that is not done; nil when all are.
    package var next: Step? { Step.allCases.first { step($0).map { !$0.isDone } ?? true } }

    /// When the jobs were let go; nil when they were not.
    package var resumedAt: Instant? { step(.resume).flatMap { $0.isDone ? $0.at : nil } }

    /// How long each answer took before the cutover, in milliseconds, by check.
    package var baseline: [String: Int] {
        var baseline: [String: Int] = [:]
        for pair in step(.preflight)?.facts?.split(separator: " ") ?? [] {
            let parts = pair.split(separator: "=")
            if parts.count == 2, let milliseconds = Int(parts[1]) {
                baseline[String(parts[0])] = milliseconds
            }
        }
        return baseline
    }

    /// The baseline as it is kept: `health=12 orders=40`.
    package static func facts(_ report: PreflightReport) -> String? {
        let pairs = report.results.compactMap { check, result in
            result.milliseconds.map { "\(check.id)=\($0)" }
        }
        return pairs.isEmpty ? nil : pairs.joined(separator: " ")
    }
}

/// A reason to go back, and whether there is one.
package struct LaunchTrigger: Sendable, Equatable {
    /// The check, or `answers` for how long they take.
    package var id: String
    /// `smoke`, `database`, `provider` or `slow`.
    package var kind: String
    /// Whether there is.
    package var isMet: Bool
    /// What was measured.
    package var evidence: String

    /// How much longer than at the baseline answers must take.
    private static let slownessPercent = 150
    /// Less is the noise of any network, in milliseconds of all answers together.
    private static let noise = 50

    package init(id: String, kind: String, isMet: Bool, evidence: String) {
        self.id = id
        self.kind = kind
        self.isMet = isMet
        self.evidence = evidence
    }

    /// The reasons that a report shows, beside how long answers took at the baseline.
    package static func all(in report: PreflightReport, baseline: [String: Int]) -> [LaunchTrigger] {
        var triggers = report.results.compactMap { check, result in
            check.trigger.map {
                LaunchTrigger(
                    id: check.id, kind: $0.rawValue, isMet: result.status == .fail, evidence: result.evidence)
            }
        }
        let times = report.results.compactMap { check, result -> (before: Int, now: Int)? in
            guard check.trigger != nil, let before = baseline[check.id], let now = result.milliseconds else {
                return nil
            }
            return (before, now)
        }
        guard !times.isEmpty else { return triggers }
        let (before, now) = (times.map(\.before).reduce(0, +), times.map(\.now).reduce(0, +))
        triggers.append(
            LaunchTrigger(
                id: "answers", kind: "slow",
                isMet: now * 100 > before * slownessPercent && now - before > noise,
                evidence:
                    "\(now) ms for \(times.count == 1 ? "1 answer" : "\(times.count) answers"); \(before) ms before the launch"
            ))
        return triggers
    }
}
