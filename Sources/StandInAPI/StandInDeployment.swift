/// How the API is deployed, as far as a launch check can see it; the values beside the default ones are mistakes with
/// which APIs are launched.
package struct StandInDeployment: Sendable, Equatable {
    /// Which web origins the API lets in.
    package enum CrossOrigin: String, Sendable, CaseIterable {
        /// Only `StandInSettings.webOrigin`.
        case allowlist
        /// Every one, as `*`.
        case wildcard
        /// Whichever asks, as if it were on the list.
        case echo
        /// None, as when the list was forgotten.
        case nobody
    }

    /// How the API says that it is alive.
    package enum Health: String, Sendable, CaseIterable {
        case pass
        /// 500, as when the database is away.
        case fail
        /// 200 with a page, as a proxy answers that took the API's place.
        case page
    }

    /// Who may ask `/api/ops/…`.
    package enum Operations: String, Sendable, CaseIterable {
        case closed
        /// Everybody, without an identity.
        case open
    }

    /// Who may read the bucket `audio` without a signed URL.
    package enum Bucket: String, Sendable, CaseIterable {
        case `private`, `public`
    }

    /// What the voice provider's status page says.
    package enum Provider: String, Sendable, CaseIterable {
        case up
        /// 200, and in the answer that much is broken.
        case degraded
        /// 503.
        case down
    }

    package var crossOrigin = CrossOrigin.allowlist
    package var health = Health.pass
    package var operations = Operations.closed
    package var bucket = Bucket.private
    package var provider = Provider.up
    /// The limits that are in force, by the names that the API gives them.
    package var rateLimits = [
        "rate_orders_per_hour": 10, "rate_phone_verify_per_hour": 5, "rate_assist_draft_per_hour": 10,
        "rate_assist_search_per_hour": 20, "rate_knowledge_add_per_hour": 5,
    ]

    package init() {}
}

extension StandInDeployment {
    /// Why a switch cannot be set.
    struct Refusal: Error {
        var why: String
    }

    /// Sets what `cors=wildcard&rate_orders_per_hour=100` names, and leaves the rest.
    mutating func set(_ parameters: [String: String]) throws(Refusal) {
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            switch name {
            case "cors": crossOrigin = try Self.value(name, value)
            case "health": health = try Self.value(name, value)
            case "ops": operations = try Self.value(name, value)
            case "bucket": bucket = try Self.value(name, value)
            case "provider": provider = try Self.value(name, value)
            case _ where rateLimits[name] != nil:
                guard let limit = Int(value) else { throw Refusal(why: "\(name) must be a number") }
                rateLimits[name] = limit
            default:
                throw Refusal(
                    why:
                        "no switch is called \(name); there are \(switches.map(\.name).joined(separator: ", "))"
                )
            }
        }
    }

    private static func value<Value: RawRepresentable & CaseIterable>(_ name: String, _ text: String)
        throws(Refusal) -> Value where Value.RawValue == String
    {
        guard let value = Value(rawValue: text) else {
            throw Refusal(
                why: "\(name) must be one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    /// Every switch with the value that it has.
    var switches: [(name: String, value: String)] {
        [
            ("cors", crossOrigin.rawValue), ("health", health.rawValue), ("ops", operations.rawValue),
            ("bucket", bucket.rawValue), ("provider", provider.rawValue),
        ] + rateLimits.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
    }
}
