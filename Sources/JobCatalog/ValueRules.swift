import RequestText
import RunModel

/// Which values of the configuration the request of a job may hold, and where they may go.
///
/// Whoever writes a schedule file chooses where a request goes, and must not be able to choose what of the service's
/// secrets goes there.
package struct ValueRules: Sendable, Equatable {
    /// Names that something else uses, beside the settings of Almanac: no request holds their values.
    package var reserved: Set<String>
    /// Where else than to the API a value may go, by its name. A value that stands here is taken for a secret.
    package var origins: [String: [EndpointURL]]

    /// Rules by which a secret goes to the API only, unless `origins` says more.
    package init(reserved: Set<String> = [], origins: [String: [EndpointURL]] = [:]) {
        self.reserved = reserved
        self.origins = origins
    }

    /// Why a request may not be made.
    package enum Refusal: Error, Sendable, Equatable {
        /// No request may hold the value of this name.
        case reserved(String)
        /// The value of this name would go to an origin that is not its own.
        case foreign(String, origin: String)
        /// The same, as far as anybody can tell who does not know where the API is.
        case unknownAPI(String, origin: String)
        /// Where the value of this name would go depends on other values, which are not known.
        case unknownOrigin(String)
    }

    /// Whether no request may hold the value of a name. Its case does not matter: a credential has the same name in lower
    /// case.
    package func isReserved(_ name: String) -> Bool {
        let name = name.uppercased()
        let value = name.hasSuffix("_FILE") ? String(name.dropLast("_FILE".count)) : name
        return Self.settings.contains(value) || value.hasPrefix("PG") || value.hasPrefix("ALMANAC_")
            || reserved.contains { $0.uppercased() == value }
    }

    /// Settings of Almanac that hold secrets and do not begin with `ALMANAC_`.
    private static let settings: Set<String> = ["DB_DSN", "DB_READ_DSN", "STATUS_TOKEN"]

    /// Whether a value may go to the API and its own origins only, in whatever case its name is written.
    package func isBound(_ name: String) -> Bool {
        let upper = name.uppercased()
        return SecretName.holds(name) || SecretName.holds(upper)
            || origins.keys.contains { $0.uppercased() == upper }
    }

    /// Why a request to `url` may not hold what it refers to; nil when it may.
    package func refusal(
        of template: RequestTemplate, to url: EndpointURL, api: EndpointURL?
    ) -> Refusal? {
        let names = template.references
        if let name = names.first(where: isReserved) { return .reserved(name) }
        if let api, url.isSameOrigin(as: api) { return nil }
        guard let name = names.first(where: { isBound($0) && !mayGo($0, to: url) }) else { return nil }
        return api == nil ? .unknownAPI(name, origin: url.origin) : .foreign(name, origin: url.origin)
    }

    /// What can be said of a request before it is made, with those values that are known, none of which is secret; nil
    /// when nothing speaks against it.
    package func prospect(of template: RequestTemplate, value: (String) -> String?) -> Refusal? {
        let names = template.references
        if let name = names.first(where: isReserved) { return .reserved(name) }
        guard !template.isForAPI, let bound = names.first(where: isBound) else { return nil }
        guard let url = template.url.filled(value).flatMap({ try? EndpointURL($0) }) else {
            // Also for a URL that is none: it is refused for that when the request is made.
            return .unknownOrigin(bound)
        }
        let api = value(ValueName.baseURL).flatMap { try? EndpointURL($0) }
        return refusal(of: template, to: url, api: api)
    }

    private func mayGo(_ name: String, to url: EndpointURL) -> Bool {
        origins[name]?.contains { $0.isSameOrigin(as: url) } ?? false
    }
}

extension ValueRules.Refusal {
    /// The name of the value.
    package var name: String {
        switch self {
        case .reserved(let name), .foreign(let name, _), .unknownAPI(let name, _), .unknownOrigin(let name):
            name
        }
    }

    /// What is wrong, as a sentence without a full stop.
    package var message: String {
        switch self {
        case .reserved(let name): "\(name) is not for requests: Almanac uses it itself"
        case .foreign(ValueName.token, let origin):
            "the job token would be sent to \(origin), which is not the API of \(ValueName.baseURL)"
        case .foreign(let name, let origin):
            "\(name) would be sent to \(origin), which is neither the API of \(ValueName.baseURL) nor an origin that "
                + "\(Self.setting) names for it"
        case .unknownAPI(let name, let origin):
            "\(name) would be sent to \(origin), and a secret goes only to the API; here \(ValueName.baseURL) is not "
                + "set, so nothing shows that this is the API"
        case .unknownOrigin(let name):
            "\(name) would be sent to a host that other values decide, and a secret goes only to the API"
        }
    }

    /// What to do about it.
    package var hint: String {
        let path = "write a path instead of a whole URL"
        return switch self {
        case .reserved: "keep what a job sends under a name of its own, such as VOICE_KEY"
        case .foreign(ValueName.token, _), .unknownAPI(ValueName.token, _):
            path + ", or correct \(ValueName.baseURL)"
        case .foreign(let name, let origin), .unknownAPI(let name, let origin):
            path + ", or let \(Self.setting) of the service hold \(name)=\(origin)"
        case .unknownOrigin: path
        }
    }

    /// Whether it holds whatever the values are that are not known.
    package var isCertain: Bool {
        switch self {
        case .reserved, .foreign: true
        case .unknownAPI, .unknownOrigin: false
        }
    }

    private static let setting = "ALMANAC_VALUE_ORIGINS"
}

extension RequestTemplate {
    /// Whether its URL is the API's, whatever the API's base URL is: behind it comes a path or a query, or nothing.
    fileprivate var isForAPI: Bool {
        guard url.parts.first == .reference(ValueName.baseURL) else { return false }
        guard url.parts.count > 1 else { return true }
        guard case .literal(let rest) = url.parts[1], let first = rest.first else { return false }
        return "/?#".contains(first)
    }
}

extension TemplateText {
    /// The text with its values; nil when one of them is not known.
    fileprivate func filled(_ value: (String) -> String?) -> String? {
        var filled = ""
        for part in parts {
            switch part {
            case .literal(let text): filled += text
            case .reference(let name):
                guard let value = value(name) else { return nil }
                filled += value
            }
        }
        return filled
    }
}

extension Job {
    /// The warning that the job's runs fail, at the place that names the value if `line`, which defines the job, shows it.
    package func warning(_ refusal: ValueRules.Refusal, line: String? = nil) -> Diagnostic {
        var place = source
        var width = name.description.utf8.count
        let reference = "${\(refusal.name)}"
        if let line, let found = line.firstRange(of: reference) {
            place.column = line.utf8.distance(from: line.startIndex, to: found.lowerBound) + 1
            width = reference.utf8.count
        }
        return Diagnostic(
            .warning, at: place, width: width, code: "value-refused",
            "runs of “\(name)” \(refusal.isCertain ? "will" : "may") fail: " + refusal.message,
            hint: refusal.hint, sourceLine: line)
    }
}
