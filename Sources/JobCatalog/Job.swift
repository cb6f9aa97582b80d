package import CivilTime
import RequestText
package import RunModel
package import Scheduling

/// What to do, when, and under which rules.
///
/// It is a value, and one reference: what it says is kept once however many catalogs, runs and reports have the job, and a
/// copy costs one retain.
package struct Job: Sendable {
    private var storage: Storage

    /// What a job says; never changed, so that all copies may have it.
    private final class Storage: Sendable {
        let facts: Facts

        init(_ facts: Facts) {
            self.facts = facts
        }
    }

    private struct Facts: Sendable {
        var name: JobName
        var schedule: Schedule?
        var method: String
        var url: TemplateText
        var headers: SharedHeaders
        var body: TemplateText?
        var policy: SharedPolicy
        var isEnabled: Bool
        var source: SourceLocation
    }

    package init(
        name: JobName, schedule: Schedule?, request: RequestTemplate, policy: Policy, isEnabled: Bool = true,
        source: SourceLocation
    ) {
        var parts = SharedParts()
        self.init(
            name: name, schedule: schedule, request: request, policy: policy, isEnabled: isEnabled,
            source: source,
            parts: &parts)
    }

    /// A job that has what it can of `parts`.
    init(
        name: JobName, schedule: Schedule?, request: RequestTemplate, policy: Policy, isEnabled: Bool,
        source: SourceLocation, parts: inout SharedParts
    ) {
        storage = Storage(
            Facts(
                name: name, schedule: schedule, method: request.method, url: parts.url(request.url),
                headers: parts.headers(request.headers), body: request.body, policy: parts.policy(policy),
                isEnabled: isEnabled, source: source))
    }

    /// The same job with what it can have of `parts`.
    func sharing(_ parts: inout SharedParts) -> Job {
        Job(
            name: name, schedule: schedule, request: request, policy: policy, isEnabled: isEnabled,
            source: source,
            parts: &parts)
    }

    private mutating func change(_ change: (inout Facts) -> Void) {
        var facts = storage.facts
        change(&facts)
        storage = Storage(facts)
    }
}

extension Job {
    /// Unique in its catalog.
    package var name: JobName {
        get { storage.facts.name }
        set { change { $0.name = newValue } }
    }

    /// When it is due; nil for a job that only runs by hand.
    package var schedule: Schedule? {
        get { storage.facts.schedule }
        set { change { $0.schedule = newValue } }
    }

    /// What is sent, with references in the place of the configuration's values.
    package var request: RequestTemplate {
        get {
            RequestTemplate(
                method: storage.facts.method, url: storage.facts.url, headers: storage.facts.headers.headers,
                body: storage.facts.body)
        }
        set {
            change {
                $0.method = newValue.method
                $0.url = newValue.url
                $0.headers = SharedHeaders(newValue.headers)
                $0.body = newValue.body
            }
        }
    }

    /// How it is retried, bounded and caught up with.
    package var policy: Policy {
        get { storage.facts.policy.policy }
        set { change { $0.policy = SharedPolicy(newValue) } }
    }

    /// A disabled job is never due; it may still be run by hand.
    package var isEnabled: Bool {
        get { storage.facts.isEnabled }
        set { change { $0.isEnabled = newValue } }
    }

    /// Where it is defined.
    package var source: SourceLocation {
        get { storage.facts.source }
        set { change { $0.source = newValue } }
    }

    /// The headers of its request.
    var sharedHeaders: SharedHeaders { storage.facts.headers }
    /// The rules under which it runs.
    var sharedPolicy: SharedPolicy { storage.facts.policy }
}

extension Job: Equatable {
    package static func == (left: Job, right: Job) -> Bool {
        left.storage === right.storage
            || left.name == right.name && left.schedule == right.schedule && left.request == right.request
                && left.policy == right.policy && left.isEnabled == right.isEnabled
                && left.source == right.source
    }
}

extension Job {
    /// Identifies the definition: two jobs with the same hash do the same at the same times under the same rules.
    package var configHash: String { definitionHash.hexadecimal }

    /// What `configHash` spells.
    var definitionHash: StableHash {
        var hash = StableHash()
        for fact in normalForm { hash.combine(fact) }
        return hash
    }

    /// When its next occurrence after `instant` is due; nil when it is disabled or there is none.
    package func next(after instant: Instant) -> Occurrence? {
        isEnabled ? schedule?.next(after: instant) : nil
    }

    /// Whether its schedule is over at `instant`: it was due, and is never due again. A disabled job is disabled instead.
    package func isOver(at instant: Instant) -> Bool {
        isEnabled && schedule?.isOver(after: instant) ?? false
    }
}
