package import CivilTime
package import RunModel

/// How well a part, or all of it, does; the worst part decides.
package enum HealthStatus: String, Sendable, CaseIterable, Comparable {
    /// All is well.
    case pass
    /// It works, and somebody should look.
    case warn
    /// It does not do what it is for.
    case fail

    package static func < (better: HealthStatus, worse: HealthStatus) -> Bool {
        better.severity < worse.severity
    }

    private var severity: Int {
        switch self {
        case .pass: 0
        case .warn: 1
        case .fail: 2
        }
    }
}

/// One thing that was looked at; its place in the document is `component:measurement`.
package struct HealthCheck: Sendable, Equatable {
    /// What kind of thing a component is, as the draft's section 4.2 names them.
    package enum ComponentType: String, Sendable {
        /// A part of the daemon itself, such as its loop or a job.
        case component
        /// Where runs are recorded.
        case datastore
        /// What the daemon runs on, such as a disk.
        case system
    }

    /// What was looked at, without a colon: `scheduler`, `store`, `catalog`, `job`.
    package var component: String
    /// What was measured of it, without a colon: `lateness`, `connection`, `jobs`, `last_outcome`.
    package var measurement: String
    /// Which of several it is, as the name of a job.
    package var componentID: String?
    /// `component` for all but the store.
    package var componentType: ComponentType
    /// A check that passes leaves its `output` out.
    package var status: HealthStatus
    /// The value as it was measured, in `observedUnit`; nil when there is none.
    package var observedValue: JSONValue?
    /// The unit of the value: `ms`, `jobs`; nil when it has none.
    package var observedUnit: String?
    /// When the value was read.
    package var time: Instant?
    /// Why it is not `pass`, in one sentence without a secret.
    package var output: String?
    /// Members of our own, after the draft's.
    package var details: [JSONValue.Member]

    package init(
        component: String, measurement: String, componentID: String? = nil,
        componentType: ComponentType = .component, status: HealthStatus, observedValue: JSONValue? = nil,
        observedUnit: String? = nil, time: Instant? = nil, output: String? = nil,
        details: [JSONValue.Member] = []
    ) {
        self.component = component
        self.measurement = measurement
        self.componentID = componentID
        self.componentType = componentType
        self.status = status
        self.observedValue = observedValue
        self.observedUnit = observedUnit
        self.time = time
        self.output = output
        self.details = details
    }

    /// The check as a member of a document's `checks`; `output` is left out when it passes, as the draft
    /// asks.
    package var json: JSONValue {
        var members: [JSONValue.Member] = []
        if let componentID { members.append(.init("componentId", .string(componentID))) }
        members.append(.init("componentType", .string(componentType.rawValue)))
        members.append(.init("status", .string(status.rawValue)))
        if let observedValue { members.append(.init("observedValue", observedValue)) }
        if let observedUnit { members.append(.init("observedUnit", .string(observedUnit))) }
        if let time { members.append(.init("time", .string(time.rfc3339))) }
        if let output, status != .pass { members.append(.init("output", .string(output))) }
        return .object(members + details)
    }
}

/// The answer to “how are you?”, as `application/health+json` (draft-inadarei-api-health-check-06).
package struct HealthReport: Sendable, Equatable {
    /// The version of the program.
    package var version: String
    /// Which host this is, among those that share a store.
    package var serviceID: String
    /// What the service is, in a phrase for people.
    package var description: String
    /// In the order they are written.
    package var checks: [HealthCheck]
    /// Where the jobs that follow are, as a reference to the document's own address; nil when none is left out.
    package var next: String?

    package init(version: String, serviceID: String, description: String, checks: [HealthCheck]) {
        self.version = version
        self.serviceID = serviceID
        self.description = description
        self.checks = checks
    }

    /// The worst status of the checks; `fail` without any, since nothing was shown to work.
    package var status: HealthStatus {
        checks.map(\.status).max() ?? .fail
    }

    /// The document; checks of the same name are one list, at the place of the first of them.
    package var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("status", .string(status.rawValue)), .init("version", .string(version)),
            .init("serviceId", .string(serviceID)), .init("description", .string(description)),
        ]
        if let output { members.append(.init("output", .string(output))) }
        members.append(.init("checks", .object(groupedChecks)))
        if let next { members.append(.init("next", .string(next))) }
        return .object(members)
    }

    /// What the worst checks say, the first of them, and how many more there are; nothing when all pass.
    package var sentences: [String] {
        guard status != .pass else { return [] }
        let all = checks.filter { $0.status == status }.compactMap(\.output)
        let more = all.count - Self.sentencesMax
        return all.prefix(Self.sentencesMax) + (more > 0 ? ["and \(more) more"] : [])
    }

    private var output: String? { sentences.isEmpty ? nil : sentences.joined(separator: "; ") }

    private static let sentencesMax = 5

    private var groupedChecks: [JSONValue.Member] {
        var names: [String] = []
        var groups: [String: [JSONValue]] = [:]
        for check in checks {
            let name = check.component + ":" + check.measurement
            if groups[name] == nil { names.append(name) }
            groups[name, default: []].append(check.json)
        }
        return names.map { .init($0, .array(groups[$0] ?? [])) }
    }
}
