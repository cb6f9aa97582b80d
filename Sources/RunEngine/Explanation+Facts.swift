import CivilTime
import JobCatalog
import RunModel
import Scheduling

extension Explanation {
    /// Explains from what is known.
    package init(_ facts: ExplanationFacts) {
        let found = facts.occurrence
        if let row = facts.row {
            self.init(row, found?.definition, facts)
            if let occurrence = found?.occurrence, occurrence.instant == row.scheduledFor {
                rules += Self.clockRule(occurrence).map { [$0] } ?? []
            }
        } else if let found {
            self.init(found.occurrence, found.definition, facts)
        } else {
            self.init(unseen: facts)
        }
        aside = scheduledFor.flatMap { Self.aside($0, facts) }
    }

    /// Why the occurrence is not the instant that was asked about; nil when it is, or when nobody asked about one and
    /// the job can still be due.
    private static func aside(_ due: Instant, _ facts: ExplanationFacts) -> String? {
        guard facts.at != due, facts.row?.scheduledUntil.map({ facts.at > $0 }) ?? true else { return nil }
        let reason: String
        if let idle = facts.current.flatMap(idleness) {
            reason = idle.since
        } else if facts.isAsked {
            reason = "nothing \(facts.at > facts.now ? "is" : "was") due at \(facts.at) itself"
        } else {
            return nil
        }
        return reason + "; this is the last before"
    }

    /// Why a definition makes nothing due, for a sentence about now and one about since when; nil when it can.
    private static func idleness(_ definition: DefinitionSpan) -> (now: String, since: String, rule: Rule?)? {
        let since = Instant(seconds: definition.since.seconds)
        switch definition.content {
        case .nothing where definition.configHash == nil:
            return ("is not in the schedule files", "the job was taken out of the files at \(since)", nil)
        case .nothing: return ("runs by hand only", "the job has run by hand only since \(since)", nil)
        case .job(let job) where !job.isEnabled:
            let rule = Rule(name: "enabled=no", sentence: "a job that is disabled is never due")
            return ("is disabled", "the job has been disabled since \(since)", rule)
        case .job, .unknown: return nil
        }
    }

    /// An occurrence without a row.
    private init(_ occurrence: Occurrence, _ definition: DefinitionSpan, _ facts: ExplanationFacts) {
        let at = occurrence.instant
        let dueAt = definition.job.map { $0.dueAt(occurrence) } ?? at
        (verdict, summary) = Self.withoutRow(at, dueAt, definition, facts)
        scheduledFor = at
        local = occurrence.nominal(in: definition.job?.schedule?.zone)
        self.definition = definition
        rules = [Self.clockRule(occurrence), definition.job.flatMap(Self.scheduleRule)].compactMap(\.self)
        if dueAt > at { rules.append(Self.delayRule(definition.job, dueAt - at)) }
        if verdict == .toCome, let pause = facts.pause, pause.until.map({ dueAt < $0 }) ?? true {
            summary += "; as things are it will be skipped, since \(pause.detail)"
            rules.insert(Rule(name: "pause", sentence: "a paused job makes no run"), at: 0)
        }
    }

    /// The job was not due up to then, or nobody can tell.
    private init(unseen facts: ExplanationFacts) {
        definition = facts.current
        let following = facts.following.map { "; it is due next at \($0.instant)" } ?? ""
        verdict = .neverDue
        if let definition, case .unknown(let why) = definition.content {
            verdict = .unproven
            summary = "what was due cannot be computed: \(why)"
        } else if let first = facts.definitions.first?.since, facts.at <= first {
            summary =
                "the job was first seen at \(Instant(seconds: first.seconds)), and nothing of it was due before"
                + following
        } else if let idle = definition.flatMap(Self.idleness) {
            summary = "the job \(idle.now), and nothing of it has been due"
            rules = idle.rule.map { [$0] } ?? []
        } else if facts.at > facts.now {
            summary = "nothing of the job is due up to then" + following
        } else {
            summary = "nothing of the job has been due \(facts.isAsked ? "up to then" : "so far")" + following
        }
        if facts.following != nil, let job = (definition ?? facts.definitions.last)?.job {
            rules.append(Self.scheduleRule(job))
        }
    }

    private static func withoutRow(
        _ at: Instant, _ dueAt: Instant, _ definition: DefinitionSpan, _ facts: ExplanationFacts
    ) -> (Verdict, String) {
        if dueAt > facts.now {
            return (.toCome, "it is still to come, in \(length(dueAt - facts.now))")
        }
        if let pruned = facts.prunedUntil, at <= pruned {
            return (.pruned, "it was decided, and its row was deleted since, as all rows up to \(pruned)")
        }
        guard at > facts.watermark else {
            let change = facts.definitions.dropFirst().first {
                max($0.since - at, at - $0.since) <= OccurrenceAudit.changeTolerance
            }
            if let change {
                return (
                    .missing,
                    "it has no row; the definition changed at \(change.since), and hosts change at different moments"
                )
            }
            return (
                .missing,
                "it was due and has no row, although later ones have: `almanac audit` tells how many"
            )
        }
        if facts.hasLiveRun, let policy = definition.job?.policy,
            policy.overlap == .queue || policy.overlap == .replace || policy.catchUp == .all
        {
            return (.waiting, "it waits for a run of the job that has not ended")
        }
        // What was due long ago and is open still shows that nobody decides, also about what is due just now.
        let oldest = definition.next(after: max(facts.watermark, definition.since)).map {
            definition.job?.dueAt($0) ?? $0.instant
        }
        if facts.now - (oldest ?? dueAt) < EngineLimits.onTimeTolerance {
            return (.toCome, "it fell due \(length(facts.now - dueAt)) ago, and is being decided")
        }
        return (
            .undecided,
            "nobody has decided it yet: the last decision was for \(facts.watermark); is a daemon running?"
        )
    }

    // MARK: With a row

    private init(_ row: RunRecord, _ definition: DefinitionSpan?, _ facts: ExplanationFacts) {
        let decider = facts.definitions.last { $0.configHash == row.configHash } ?? definition
        verdict = row.state == .finished ? .decided : .inProgress
        scheduledFor =
            row.occurrences > 1 ? facts.occurrence?.occurrence.instant ?? row.scheduledFor : row.scheduledFor
        local = row.occurrences > 1 ? nil : row.nominalLocal
        self.definition = decider
        summary = Self.sentence(row)
        let policy = decider?.job?.policy ?? Policy()
        if let rule = Self.rule(row, policy) { rules.append(rule) }
        if row.trigger == .catchUp {
            rules.append(
                Rule(
                    name: "catch-up=\(policy.catchUp.rawValue)",
                    sentence: "it was made up for at \(row.createdAt), since nobody was there when it was due"
                ))
        }
        if let at = row.scheduledFor, row.dueAt > at {
            rules.append(Self.delayRule(decider?.job, row.dueAt - at))
        }
    }

    private static func sentence(_ row: RunRecord) -> String {
        var text: String
        if row.state == .finished {
            text = row.outcome?.pastPhrase ?? "it has ended"
            if row.outcome != .succeeded, let detail = row.detail {
                let shared = RunRecord.sharedDetail(row.occurrences, "")
                text += ": " + (detail.hasPrefix(shared) ? String(detail.dropFirst(shared.count)) : detail)
            }
            if row.outcome == .succeeded, let status = row.httpStatus {
                text += ": the API answered \(status)"
            }
        } else {
            text =
                switch row.state {
                case .claimed: "\(row.host) has it and has sent no request yet"
                case .running: "it is running on \(row.host)"
                case .retryWait:
                    "it waits for its next attempt" + (row.retryAt.map { " at \($0)" } ?? "")
                        + (row.detail.map { ", after: " + $0 } ?? "")
                case .finished: "it has ended"
                }
        }
        if let startedAt = row.startedAt, let finishedAt = row.finishedAt {
            text += ", after \(length(finishedAt - startedAt))"
        }
        if row.attempts > 1 { text += ", with \(row.attempts) of \(row.attemptsMax) attempts" }
        if row.occurrences > 1, let first = row.scheduledFor, let last = row.scheduledUntil {
            text += "; one row tells of all \(row.occurrences) from \(first) to \(last)"
        }
        return text
    }

    /// What a change of the clocks did to it.
    private static func clockRule(_ occurrence: Occurrence) -> Rule? {
        let sentence: String
        switch occurrence.adjustment {
        case .none: return nil
        case .movedOutOfGap:
            sentence =
                "\(occurrence.local) did not exist that day: a schedule with a fixed time is due at the first "
                + "instant after the gap"
        case .firstOfTwo:
            sentence =
                "\(occurrence.local) came twice that day: this is the first, and a schedule with a fixed time is due "
                + "only then"
        case .secondOfTwo:
            sentence =
                "\(occurrence.local) came twice that day: this is the second, as a schedule with * follows the clock"
        }
        return Rule(name: "clock change", sentence: sentence)
    }

    /// What makes the job due.
    private static func scheduleRule(_ job: Job) -> Rule {
        Rule(name: "schedule", sentence: job.schedule?.words ?? "by hand")
    }

    private static func delayRule(_ job: Job?, _ delay: Duration) -> Rule {
        let jitter = job?.policy.jitter ?? .zero
        return Rule(
            name: jitter > .zero ? "jitter=\(DurationText.compact(jitter))" : "random delay",
            sentence:
                "its start was put off by \(length(delay)), which follows from the job's name and the occurrence"
        )
    }

    /// A duration to the second, or to the millisecond below one.
    static func length(_ duration: Duration) -> String {
        let microseconds = max(duration.wholeMicroseconds, 0)
        if microseconds < 1_000_000 { return "\(microseconds / 1000) ms" }
        return DurationText.compact(.seconds(microseconds / 1_000_000))
    }
}

extension Outcome {
    /// The outcome as a sentence about an occurrence.
    fileprivate var pastPhrase: String {
        switch self {
        case .succeeded: "it succeeded"
        case .declined: "the API declined it"
        case .failed: "it failed"
        case .timedOut: "it timed out"
        case .unknown: "nobody can tell whether it took effect"
        case .skipped: "it was skipped"
        case .missed: "it was missed"
        }
    }
}
