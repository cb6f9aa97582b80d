extension TaskDecoder {
    mutating func decodeTriggers(_ element: XMLElement, path: String) {
        context.rule(.honoured, path: path, at: element)
        guard element.children.count <= TaskLimits.triggersMax else {
            context.report(
                .limit, "the task has more than \(TaskLimits.triggersMax) triggers",
                hint: "Task Scheduler refuses it with 0x8004131D",
                at: element.children[TaskLimits.triggersMax].offset)
            return
        }
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

    private mutating func decodeTrigger(_ element: XMLElement, path: String) {
        context.rule(.honoured, path: path, at: element)
        context.ruleAttributes(of: element, path: path, known: ["id": "only a name"])
        let isCalendar = element.name == "CalendarTrigger"
        let kind: TaskTriggerDefinition.Kind =
            switch element.name {
            case "BootTrigger": .boot(delay: .zero)
            case "RegistrationTrigger": .registration(delay: .zero)
            default: .time
            }
        var trigger = TaskTriggerDefinition(
            kind: kind, id: element.attributes.first { $0.name == "id" }?.value,
            position: context.lines.position(at: element.offset))
        var schedules = 0
        visit(element, path: path) { decoder, child, childPath in
            switch child.name {
            case "ScheduleByDay", "ScheduleByWeek", "ScheduleByMonth", "ScheduleByMonthDayOfWeek":
                guard isCalendar else { return false }
                schedules += 1
                if let kind = decoder.decodeSchedule(child, path: childPath), schedules == 1 {
                    trigger.kind = kind
                }
                return true
            case "Delay" where !kind.isClock:
                let delay = decoder.context.duration(child, path: childPath) ?? .zero
                trigger.kind =
                    element.name == "BootTrigger" ? .boot(delay: delay) : .registration(delay: delay)
                return true
            case "RandomDelay" where kind.isClock:
                trigger.randomDelay =
                    decoder.context.duration(
                        child, path: childPath, .translated, "jitter, the same on every host")
                    ?? .zero
                return true
            default: return decoder.decodeCommonPart(child, path: childPath, of: &trigger)
            }
        }
        if kind.isClock, element.child("StartBoundary") == nil {
            context.report(
                .missingElement, "<\(element.name)> has no <StartBoundary>",
                hint: "it gives the time of day and the first day", at: element.offset)
        }
        if isCalendar, schedules != 1 {
            context.report(
                .missingElement, "<CalendarTrigger> has \(schedules) schedules instead of one",
                hint: "one of ScheduleByDay, ScheduleByWeek, ScheduleByMonth and ScheduleByMonthDayOfWeek",
                at: element.offset)
        }
        if !trigger.isEnabled {
            context.report(.disabledTrigger, "<\(element.name)> is disabled in the file", at: element.offset)
        }
        task.triggers.append(trigger)
    }

    /// What every kind of trigger may have; false for the rest.
    private mutating func decodeCommonPart(
        _ element: XMLElement, path: String, of trigger: inout TaskTriggerDefinition
    ) -> Bool {
        switch element.name {
        case "Enabled": trigger.isEnabled = context.boolean(element, path: path) ?? true
        case "StartBoundary":
            trigger.startBoundary = context.dateTime(element, path: path)
            noteLocalBoundary(trigger.startBoundary, element, of: trigger)
        case "EndBoundary":
            trigger.endBoundary = context.dateTime(element, path: path)
            noteLocalBoundary(trigger.endBoundary, element, of: trigger)
        case "Repetition": trigger.repetition = decodeRepetition(element, path: path)
        case "ExecutionTimeLimit":
            let limit = context.duration(
                element, path: path, .translated,
                "the shortest limit of the triggers and the task counts for all runs")
            trigger.executionTimeLimit = limit == .zero ? nil : limit
        default: return false
        }
        return true
    }

    private mutating func noteLocalBoundary(
        _ boundary: TaskDateTime?, _ element: XMLElement, of trigger: TaskTriggerDefinition
    ) {
        guard boundary?.zone == .local, trigger.kind.isClock else { return }
        let claim = task.utcClaim.map { "; the text at \($0) says that it is UTC" } ?? ""
        context.report(
            .localBoundary,
            "<\(element.name)> has neither Z nor an offset, so that it is the local time of whichever machine runs it"
                + claim,
            hint: task.utcClaim == nil
                ? "add Z for UTC, or say which zone is meant" : "add Z: \(element.text.trimmed.string)Z",
            at: element.text.trimmed.offset(at: 0))
    }

    private mutating func decodeRepetition(_ element: XMLElement, path: String) -> TaskTriggerDefinition
        .Repetition?
    {
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
                stops =
                    decoder.context.boolean(
                        child, path: childPath, .ignored, "a run is ended by its own time limit") ?? false
            default: return false
            }
            return true
        }
        if element.child("Interval") == nil {
            context.report(.missingElement, "<Repetition> has no <Interval>", at: element.offset)
        }
        return interval.map { .init(interval: $0, duration: duration, stopsAtDurationEnd: stops) }
    }

    /// What only the whole task shows.
    mutating func checkTriggers(_ element: XMLElement) {
        let live = task.triggers.filter { trigger in
            if case .refused = trigger.kind { return false }
            return trigger.isEnabled
        }
        if live.isEmpty {
            context.report(
                .noTrigger, "no trigger of the task starts it; it can only be run by hand",
                at: element.child("Triggers")?.offset ?? element.offset)
        }
        if let expiryOffset, !task.triggers.contains(where: { $0.endBoundary != nil }) {
            context.report(
                .expiryWithoutEnd, "<DeleteExpiredTaskAfter> has no effect: no trigger has an <EndBoundary>",
                hint: "Task Scheduler refuses such a file with 0x80041319", at: expiryOffset)
        }
    }
}
