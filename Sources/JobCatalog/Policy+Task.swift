import CivilTime
import CommandRequests
import Scheduling
import TaskXML

extension Policy {
    /// The rules that the elements of a task state.
    ///
    /// A file that holds options of its own, as a written one may, says all that differs from the usual rules;
    /// for another the time after which health complains is made up from what the file does say.
    init(stating task: TaskDefinition) {
        self.init()
        retries = 0
        if let retry = task.request?.retry {
            retries = min(retry.count, Self.retriesMax)
            if let delay = retry.delay, delay > .zero { backoff = delay...delay }
        } else if let restart = task.settings.restartOnFailure {
            // What Task Scheduler restarts is what could not be started: nothing of the request was sent.
            retries = min(restart.count, Self.retriesMax)
            retryOn = .unsent
            backoff = restart.interval...restart.interval
        }
        timeout = min(task.timeLimit ?? Self.durationMax, Self.durationMax)
        overlap = Overlap(task.settings.multipleInstances)
        catchUp = task.settings.startWhenAvailable ? .latest : .none
        allowsOnDemand = task.settings.allowStartOnDemand
        guard task.options == nil else { return }
        // A limit of days, which is Task Scheduler's default, says nothing of how long a request takes.
        let delay = task.clockTriggers.map(\.randomDelay).max() ?? .zero
        if timeout > Self.usualTimeMax || delay > .zero {
            overdueAfter = delay + min(timeout, Self.usualTimeMax) + .seconds(600)
        }
    }

    /// The longest time that a run is expected to take when only a task's limit is known.
    private static let usualTimeMax: Duration = .seconds(3600)

    /// What is wrong with the options of a file.
    struct OptionsProblem: Error {
        var message: String
        var hint: String
    }

    /// Puts the options of a file, `accept=200 decline=503`, over what its elements state.
    mutating func apply(optionsOfTask text: String) throws(OptionsProblem) {
        var options = JobOptions()
        options.policy = self
        var seen: Set<String> = []
        var scanner = LineScanner(text)
        while true {
            let word: LineScanner.Word?
            do { word = try scanner.next() } catch {
                throw OptionsProblem(message: "a quote in the options does not end", hint: "end it")
            }
            guard let word else { break }
            guard let equals = word.text.firstIndex(of: "="),
                let option = JobOption(rawValue: String(word.text[..<equals])), option.isRule
            else {
                throw OptionsProblem(
                    message: "“\(word.text)” is no rule of a job",
                    hint: "rules are "
                        + JobOption.allCases.filter(\.isRule).map(\.rawValue).joined(separator: ", "))
            }
            guard seen.insert(option.rawValue).inserted else {
                throw OptionsProblem(
                    message: "the option \(option.rawValue) is repeated", hint: "keep one")
            }
            do throws(JobOptions.ValueError) {
                try options.apply(option, String(word.text[word.text.index(after: equals)...]))
            } catch {
                throw OptionsProblem(message: error.message, hint: error.hint)
            }
        }
        guard !options.policy.accept.overlaps(options.policy.decline) else {
            throw OptionsProblem(
                message: "a status is both accepted and declined",
                hint: "take it out of accept= or decline=; accept is \(options.policy.accept)")
        }
        self = options.policy
    }

    /// The options that turn `other` into these rules.
    func options(beyond other: Policy) -> String {
        options.filter { option in
            !other.options.contains { $0.option == option.option && $0.value == option.value }
        }.map { LineScanner.quoted("\($0.option.rawValue)=\($0.value)") }.joined(separator: " ")
    }
}

extension JobOption {
    /// Whether it is one of the rules under which a job runs, rather than a part of the schedule or the request.
    fileprivate var isRule: Bool {
        switch self {
        case .accept, .decline, .retry, .retryOn, .backoff, .timeout, .deadline, .overlap, .catchUp,
            .catchUpWindow,
            .jitter, .onDemand, .overdueAfter:
            true
        case .as, .timeZone, .header, .body, .enabled: false
        }
    }
}

extension Policy.Overlap {
    /// The policy that means the same as one of Task Scheduler.
    init(_ policy: TaskSettings.MultipleInstances) {
        self =
            switch policy {
            case .ignoreNew: .skip
            case .queue: .queue
            case .stopExisting: .replace
            case .parallel: .allow
            }
    }

    /// The policy of Task Scheduler that means the same.
    var multipleInstances: TaskSettings.MultipleInstances {
        switch self {
        case .skip: .ignoreNew
        case .queue: .queue
        case .replace: .stopExisting
        case .allow: .parallel
        }
    }
}
