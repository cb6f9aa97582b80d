extension TaskDecoder {
    mutating func decodeSettings(_ element: XMLElement, path: String) {
        context.rule(.honoured, path: path, at: element)
        visit(element, path: path) { decoder, child, childPath in
            decoder.decodePolicy(child, path: childPath) || decoder.ruleCondition(child, path: childPath)
        }
    }

    /// The settings that become policies of the job; false for all others.
    private mutating func decodePolicy(_ element: XMLElement, path: String) -> Bool {
        switch element.name {
        case "MultipleInstancesPolicy": decodeMultipleInstances(element, path: path)
        case "RestartOnFailure": decodeRestartOnFailure(element, path: path)
        case "StartWhenAvailable":
            task.settings.startWhenAvailable =
                context.boolean(
                    element, path: path, .translated,
                    whenTrue: "catch-up=latest: a missed start is made up for, once",
                    whenFalse: "catch-up=none: a missed start is not made up for") ?? false
        case "ExecutionTimeLimit":
            let limit = context.duration(
                element, path: path, .translated, "timeout=: the bound of each request; PT0S is none")
            if let limit { task.settings.executionTimeLimit = limit == .zero ? nil : limit }
        case "Enabled":
            task.settings.isEnabled = context.boolean(element, path: path) ?? true
        case "AllowStartOnDemand":
            task.settings.allowStartOnDemand =
                context.boolean(element, path: path, whenFalse: "on-demand=no: nobody runs it by hand")
                ?? true
        case "DeleteExpiredTaskAfter":
            task.settings.deleteExpiredTaskAfter = context.duration(
                element, path: path, .ignored,
                "Almanac deletes no file: a job whose triggers have ended is shown as over")
            expiryOffset = element.offset
        default: return false
        }
        return true
    }

    private mutating func decodeMultipleInstances(_ element: XMLElement, path: String) {
        let text = context.filled(element.text)
        guard let policy = TaskSettings.MultipleInstances(rawValue: text) else {
            context.invalid(element, path, text, "not one of IgnoreNew, Queue, Parallel and StopExisting")
            return
        }
        task.settings.multipleInstances = policy
        let overlap =
            switch policy {
            case .ignoreNew: "skip"
            case .queue: "queue"
            case .parallel: "allow"
            case .stopExisting: "replace"
            }
        context.rule(.translated, "overlap=\(overlap)", path: path, at: element)
    }

    private mutating func decodeRestartOnFailure(_ element: XMLElement, path: String) {
        context.rule(
            .translated,
            "retry-on=unsent: Task Scheduler starts again what could not be started ([MS-TSCH] 2.5.4.2), here a request"
                + " that found no address, connection or TLS; an answer of any status is none of these, and curl's"
                + " --retry comes before it", path: path, at: element)
        var interval: Duration?
        var count: Int?
        visit(element, path: path) { decoder, child, childPath in
            switch child.name {
            case "Interval":
                interval = decoder.context.duration(
                    child, path: childPath, in: .seconds(60)..., atMost: .seconds(31 * 86400), .translated,
                    "backoff=: the wait before each further try")
            case "Count": count = decoder.context.integer(child, path: childPath, in: 1...255)
            default: return false
            }
            return true
        }
        for name in ["Interval", "Count"] where element.child(name) == nil {
            context.report(.missingElement, "<RestartOnFailure> has no <\(name)>", at: element.offset)
        }
        if let interval, let count {
            task.settings.restartOnFailure = TaskSettings.RestartOnFailure(interval: interval, count: count)
        }
    }

    /// The settings about the machine and its person, of which a daemon on a server has neither; false for
    /// unknown ones.
    private mutating func ruleCondition(_ element: XMLElement, path: String) -> Bool {
        let harmless: String
        switch element.name {
        case "DisallowStartIfOnBatteries", "StopIfGoingOnBatteries":
            harmless = "the daemon asks for no battery"
        case "AllowHardTerminate": harmless = "a request can always be ended"
        case "RunOnlyIfNetworkAvailable":
            harmless =
                "a request that finds no network fails, and is tried again as RestartOnFailure or --retry say"
        case "IdleSettings": harmless = "only of use with RunOnlyIfIdle"
        case "Priority": harmless = "a request has no process to give a priority"
        case "Hidden": harmless = "only for the window of Task Scheduler"
        case "UseUnifiedSchedulingEngine": harmless = "which engine of Windows runs it"
        case "DisallowStartOnRemoteAppSession": harmless = "there is no session of a person"
        case "WakeToRun":
            return ruleWish(
                element, path, "the daemon cannot wake a machine; a missed start follows StartWhenAvailable")
        case "RunOnlyIfIdle":
            return ruleWish(element, path, "the daemon runs its jobs whether the machine is idle or not")
        case "Volatile": return ruleWish(element, path, "the job lasts as long as its file")
        case "NetworkSettings", "NetworkProfileName":
            refuse(element, path, "the daemon knows no network profiles; the job runs in every network")
            return true
        case "MaintenanceSettings":
            refuse(element, path, "there is no automatic maintenance here; only the triggers count")
            return true
        default: return false
        }
        context.ruleTree(.ignored, harmless, path: path, at: element)
        return true
    }

    /// A setting that is harmless as `false`, and refused as `true`.
    private mutating func ruleWish(_ element: XMLElement, _ path: String, _ why: String) -> Bool {
        if context.boolean(element, path: path, .ignored, whenFalse: "the default") == true {
            context.refuse(path, why)
            context.report(.refusedElement, "<\(element.name)> is not done: \(why)", at: element.offset)
        }
        return true
    }

    private mutating func refuse(_ element: XMLElement, _ path: String, _ why: String) {
        context.report(.refusedElement, "<\(element.name)> is not done: \(why)", at: element.offset)
        context.ruleTree(.refused, why, path: path, at: element)
    }
}
