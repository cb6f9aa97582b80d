import CivilTime
import CommandRequests
import Scheduling

extension TaskDecoder {
    mutating func decodeTriggers(_ element: XMLElement, path: String) {
        guard element.children.count <= TaskLimits.triggersMax else {
            context.report(
                .limit, "the task has more than \(TaskLimits.triggersMax) triggers",
                hint: "Task Scheduler refuses it with 0x8004131D",
                at: element.children[TaskLimits.triggersMax].offset)
            return context.ruleTree(.refused, "too many triggers", path: path, at: element)
        }
        context.rule(.honoured, path: path, at: element)
        visit(element, path: path, repeatable: true) { decoder, child, childPath in
            switch child.name {
            case "TimeTrigger", "CalendarTrigger", "BootTrigger", "RegistrationTrigger":
                decoder.decodeTrigger(child, path: childPath)
            case "LogonTrigger": decoder.refuseTrigger(child, childPath, "nobody logs on to the daemon")
            case "IdleTrigger":
                decoder.refuseTrigger(child, childPath, "the daemon does not watch whether a machine is idle")
            case "EventTrigger": decoder.refuseTrigger(child, childPath, "there is no Windows event log")
            case "SessionStateChangeTrigger":
                decoder.refuseTrigger(child, childPath, "there are no sessions of people")
            case "WnfStateChangeTrigger":
                decoder.refuseTrigger(child, childPath, "there is no Windows notification facility")
            default: return false
            }
            return true
        }
    }

    private mutating func refuseTrigger(_ element: XMLElement, _ path: String, _ why: String) {
        context.report(.refusedTrigger, "<\(element.name)> starts nothing here: \(why)", at: element.offset)
        context.ruleTree(.refused, why, path: path, at: element)
        let id = element.attributes.first { $0.name == "id" }?.value
        task.triggers.append(
            TaskTriggerDefinition(
                kind: .refused(element.name), id: id, position: context.lines.position(at: element.offset)))
    }

    /// The parts of a trigger, in whatever order they stand.
    private struct Parts {
        var isEnabled = true
        var start: TaskTrigger.Boundary?
        var end: TaskTrigger.Boundary?
        var repetition: TaskTrigger.Repetition?
        var executionTimeLimit: Duration?
        var randomDelay = Duration.zero
        var delay = Duration.zero
        var recurrences: [TaskTrigger.Recurrence] = []
    }

    private mutating func decodeTrigger(_ element: XMLElement, path: String) {
        context.rule(.honoured, path: path, at: element)
        let isClock = element.name == "TimeTrigger" || element.name == "CalendarTrigger"
        var parts = Parts()
        visit(element, path: path) { decoder, child, childPath in
            switch child.name {
            case "ScheduleByDay", "ScheduleByWeek", "ScheduleByMonth", "ScheduleByMonthDayOfWeek":
                guard element.name == "CalendarTrigger" else { return false }
                parts.recurrences.append(decoder.decodeSchedule(child, path: childPath))
            case "Delay" where !isClock:
                parts.delay = decoder.context.duration(child, path: childPath) ?? .zero
            case "RandomDelay" where isClock:
                let note = "a delay of each start up to it, a function of job and occurrence"
                parts.randomDelay =
                    decoder.context.duration(child, path: childPath, .translated, note) ?? .zero
            default: return decoder.decodeCommonPart(child, path: childPath, of: &parts)
            }
            return true
        }
        if !parts.isEnabled {
            context.report(.disabledTrigger, "<\(element.name)> is disabled in the file", at: element.offset)
        }
        guard let kind = isClock ? clock(parts, element) : event(parts, element) else {
            return context.refuse(path, "it has a fault")
        }
        task.triggers.append(
            TaskTriggerDefinition(
                kind: kind, id: element.attributes.first { $0.name == "id" }?.value,
                isEnabled: parts.isEnabled,
                executionTimeLimit: parts.executionTimeLimit,
                position: context.lines.position(at: element.offset)))
    }

    /// The trigger, or nil after a fault.
    private mutating func event(_ parts: Parts, _ element: XMLElement) -> TaskTriggerDefinition.Kind? {
        do {
            return .event(
                try EventTrigger(
                    element.name == "BootTrigger" ? .boot : .registration, delay: parts.delay,
                    start: parts.start, end: parts.end, repetition: parts.repetition))
        } catch {
            report(error, element)
            return nil
        }
    }

    private mutating func report(_ error: TaskTriggerError, _ element: XMLElement) {
        context.report(
            .invalidValue, "<\(element.name)> is never due: \(error)", hint: error.hint, at: element.offset)
    }

    /// The trigger, or nil after a fault.
    private mutating func clock(_ parts: Parts, _ element: XMLElement) -> TaskTriggerDefinition.Kind? {
        if element.child("StartBoundary") == nil {
            context.report(
                .missingElement, "<\(element.name)> has no <StartBoundary>",
                hint: "it gives the time of day and the first day", at: element.offset)
        }
        let isCalendar = element.name == "CalendarTrigger"
        if isCalendar, parts.recurrences.count != 1 {
            context.report(
                .missingElement, "<CalendarTrigger> has \(parts.recurrences.count) schedules instead of one",
                hint: "one of ScheduleByDay, ScheduleByWeek, ScheduleByMonth and ScheduleByMonthDayOfWeek",
                at: element.offset)
        }
        guard let start = parts.start, let recurrence = isCalendar ? parts.recurrences.first : .once else {
            return nil
        }
        do {
            return .clock(
                try TaskTrigger(
                    start: start, end: parts.end, recurrence: recurrence, repetition: parts.repetition,
                    randomDelay: parts.randomDelay, isEnabled: parts.isEnabled))
        } catch {
            report(error, element)
            return nil
        }
    }

    /// What every kind of trigger may have; false for the rest.
    private mutating func decodeCommonPart(
        _ element: XMLElement, path: String, of parts: inout Parts
    ) -> Bool {
        switch element.name {
        case "Enabled": parts.isEnabled = context.boolean(element, path: path) ?? true
        case "StartBoundary":
            parts.start = context.boundary(element, path: path)
            noteLocalBoundary(parts.start, element)
        case "EndBoundary":
            parts.end = context.boundary(element, path: path)
            noteLocalBoundary(parts.end, element)
        case "Repetition": parts.repetition = decodeRepetition(element, path: path)
        case "ExecutionTimeLimit":
            let limit = context.duration(
                element, path: path, .translated,
                "timeout=: goes before the limit of the task; of several triggers the shortest counts")
            parts.executionTimeLimit = limit == .zero ? nil : limit
        default: return false
        }
        return true
    }

    private mutating func noteLocalBoundary(_ boundary: TaskTrigger.Boundary?, _ element: XMLElement) {
        guard case .local? = boundary else { return }
        let claim = task.utcClaim.map { "; the text at \($0) says that it is UTC" } ?? ""
        let text = element.text.trimmed
        context.report(
            .localBoundary,
            "<\(element.name)> has neither Z nor an offset, so that it is the local time of whichever machine"
                + " runs it\(claim)",
            hint: task.utcClaim == nil
                ? "add Z for UTC, or say which zone is meant" : "add Z: \(text.string)Z",
            at: text.offset(at: 0))
    }

    private mutating func decodeRepetition(_ element: XMLElement, path: String) -> TaskTrigger.Repetition? {
        context.rule(.honoured, path: path, at: element)
        var interval: Duration?
        var duration: Duration?
        var stops = false
        visit(element, path: path) { decoder, child, childPath in
            switch child.name {
            case "Interval":
                interval = decoder.context.duration(
                    child, path: childPath, in: .seconds(60)..., atMost: .seconds(31 * 86400))
            case "Duration":
                duration = decoder.context.duration(
                    child, path: childPath, in: .seconds(60)..., .honoured, "the end itself counts")
            case "StopAtDurationEnd":
                stops = decoder.context.boolean(child, path: childPath) ?? false
                if stops { decoder.refuseStop(child, path: childPath) }
            default: return false
            }
            return true
        }
        if element.child("Interval") == nil {
            context.report(.missingElement, "<Repetition> has no <Interval>", at: element.offset)
        }
        return interval.map {
            TaskTrigger.Repetition(interval: $0, duration: duration, stopAtDurationEnd: stops)
        }
    }

    private mutating func refuseStop(_ element: XMLElement, path: String) {
        let why = "a run ends by its own time limit, whenever the repetition does"
        context.refuse(path, why)
        context.report(.refusedElement, "<\(element.name)> is not done: \(why)", at: element.offset)
    }

    /// What only the whole task shows.
    mutating func checkTriggers(_ element: XMLElement) {
        // A trigger with a fault is named already, and may be the one that was meant to start it.
        if !task.triggers.contains(where: \.isLive),
            !context.diagnostics.contains(where: { $0.severity == .error })
        {
            context.report(
                .noTrigger, "no trigger of the task starts it; it can only be run by hand",
                at: element.child("Triggers")?.offset ?? element.offset)
        }
        let ends = element.child("Triggers")?.children.contains { $0.child("EndBoundary") != nil } ?? false
        if let expiryOffset, !ends {
            context.report(
                .expiryWithoutEnd, "<DeleteExpiredTaskAfter> has no effect: no trigger has an <EndBoundary>",
                hint: "Task Scheduler refuses such a file with 0x80041319", at: expiryOffset)
        }
    }
}
