import CivilTime
import CommandRequests
import RequestText
import Scheduling
import TaskXML

extension Policy {
    /// The settings of Task Scheduler that come nearest to these rules.
    var taskSettings: TaskSettings {
        var settings = TaskSettings()
        settings.multipleInstances = overlap.multipleInstances
        settings.startWhenAvailable = catchUp != .none
        settings.allowStartOnDemand = allowsOnDemand
        // There the limit is that of all attempts and the waits between them.
        let waits = (curlRetry?.delay ?? .zero) * (curlRetry?.count ?? 0)
        let limit = timeout * ((curlRetry?.count ?? 0) + 1) + waits
        settings.executionTimeLimit = limit < Self.durationMax ? limit : nil
        if retries > 0, retryOn == .unsent,
            (.seconds(60) ... .seconds(31 * 86400)).contains(backoff.lowerBound)
        {
            settings.restartOnFailure = .init(interval: backoff.lowerBound, count: retries)
        }
        return settings
    }

    /// The retries that curl makes by itself; nil when it would also repeat what is not to be repeated.
    var curlRetry: CommandRequest.Retry? {
        guard retries > 0, retryOn == .any, !declinesTransient else { return nil }
        return .init(count: retries, delay: backoff.lowerBound)
    }

    /// The bound of each attempt, where there may be several: for one the task's own is enough.
    var curlTimeout: Duration? {
        curlRetry != nil && timeout <= Self.curlTimeMax ? timeout : nil
    }

    /// What the reader takes for a time of curl.
    private static let curlTimeMax: Duration = .seconds(7 * 86400)

    /// Whether a status that curl's --retry repeats means “not now” here (curl(1), --retry).
    private var declinesTransient: Bool {
        [408, 429, 500, 502, 503, 504].contains(where: decline.contains)
    }

    /// What of these rules Task Scheduler and curl have no words for, each in a sentence.
    fileprivate var lossesOnWindows: [String] {
        var losses: [String] = []
        if decline != .none { losses.append("shows the declined statuses \(decline) as failures") }
        if accept != .successful {
            losses.append("takes every status below 400 as success, not only \(accept)")
        }
        if retries > 0, retryOn == .any, declinesTransient {
            losses.append("does not retry, since curl would retry a declined status")
        }
        if retryOn == .unsent, retries > 0 { losses.append("does not retry once curl has started") }
        if deadline != nil { losses.append("starts a run however late it is") }
        if jitter > .zero { losses.append("starts every run on time, without jitter") }
        if catchUp == .all { losses.append("makes up for the last missed run only") }
        return losses
    }
}

extension Job {
    /// What of the job is lost where Windows runs it, each in a sentence that begins with Windows.
    package var lossesOnWindows: [String] {
        var losses = policy.lossesOnWindows
        for header in request.headers where header.isSecret && !header.isInFile {
            let names = header.value.references.map { "%\($0)%" }.joined(separator: " ")
            losses.append(
                "puts \(names.isEmpty ? "the value" : names) of the header \(header.name) on the command line,"
                    + " which every user of the machine can list")
        }
        return losses.map { "Windows " + $0 }
    }
}

extension RequestTemplate.Header {
    /// Whether its secret is in a file that curl reads, rather than on the command line.
    fileprivate var isInFile: Bool {
        CommandRequest.Header(name: name, value: value, isSecret: isSecret).fileName != nil
    }
}

extension TaskTrigger {
    /// The trigger with boundaries that mean the same on a machine in `machineZone`.
    func pinned(to zone: Zone, _ machineZone: String?) throws(TaskWriteError) -> TaskTrigger {
        let start = try start.pinned(to: zone, machineZone)
        let end = try end?.pinned(to: zone, machineZone)
        do {
            return try TaskTrigger(
                start: start, end: end, recurrence: recurrence, repetition: repetition,
                randomDelay: randomDelay,
                isEnabled: isEnabled)
        } catch {
            throw TaskWriteError(.trigger, error.description, hint: error.hint)
        }
    }
}

extension EventTrigger {
    /// The trigger with boundaries that mean the same on a machine in `machineZone`.
    func pinned(to zone: Zone, _ machineZone: String?) throws(TaskWriteError) -> EventTrigger {
        let start = try start?.pinned(to: zone, machineZone)
        let end = try end?.pinned(to: zone, machineZone)
        do {
            return try EventTrigger(event, delay: delay, start: start, end: end, repetition: repetition)
        } catch {
            throw TaskWriteError(.trigger, error.description, hint: error.hint)
        }
    }
}

extension TaskTrigger.Boundary {
    /// The boundary as it means the same on a machine in `machineZone`, when local times are those of `zone`.
    fileprivate func pinned(to zone: Zone, _ machineZone: String?) throws(TaskWriteError) -> Self {
        guard case .local(let local) = self, zone.name != machineZone else { return self }
        guard let offset = zone.lastingOffset(from: instant(onMachineIn: zone)) else {
            throw TaskWriteError(
                .schedule,
                "a boundary with an offset does not follow the clock changes of \(zone.name), in which its times are",
                hint: "say that the machine's own zone is \(zone.name): --machine-time-zone")
        }
        return .fixed(local, offset: offset)
    }
}
