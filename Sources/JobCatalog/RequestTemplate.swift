package import RequestText

/// What a job sends, without any value of the configuration.
package struct RequestTemplate: Sendable, Hashable {
    /// A header line, whose value may refer to the configuration.
    package struct Header: Sendable, Hashable {
        /// A token (RFC 9110, section 5.6.2), in the case it was written in.
        package var name: String
        /// Without a line break, also once its references are filled.
        package var value: TemplateText

        package init(_ name: String, _ value: TemplateText) {
            self.name = name
            self.value = value
        }

        /// Whether the value must not be shown: the name says so, or it refers to a value that is a secret.
        package var isSecret: Bool {
            SecretName.holds(name) || value.references.contains { !ValueName.shown.contains($0) }
        }
    }

    /// `GET`, `POST`, … in upper case.
    package var method: String
    /// An absolute URL once its references are filled.
    package var url: TemplateText
    /// In the order they are sent; those that every request gets come after them.
    package var headers: [Header]
    /// nil for a request without one.
    package var body: TemplateText?

    package init(method: String, url: TemplateText, headers: [Header] = [], body: TemplateText? = nil) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// What a body is sent as when no header says so: JSON when its text begins like JSON, and plain text otherwise;
    /// nil without a body.
    package var usualContentType: String? {
        guard let first = body?.parts.first else { return nil }
        if case .literal(let text) = first, text.hasPrefix("{") || text.hasPrefix("[") {
            return "application/json"
        }
        return "text/plain; charset=utf-8"
    }

    /// Where it goes: scheme, host and port as they are spelled, references unfilled. Requests of the same spelling go to
    /// the same server.
    package var origin: String {
        var origin = ""
        var isAuthority = false
        for part in url.parts {
            switch part {
            case .reference(let name): origin += "${\(name)}"
            case .literal(let text):
                var rest = Substring(text)
                if !isAuthority, let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") {
                    let authority = text.index(colon, offsetBy: 3)
                    origin += text[..<authority]
                    rest = text[authority...]
                }
                let host = rest.prefix { !"/?#".contains($0) }
                origin += host
                if host.endIndex < rest.endIndex { return origin }
            }
            isAuthority = true
        }
        return origin
    }

    /// The names of all values that it needs, each once, in their order.
    package var references: [String] {
        var names: [String] = []
        for text in [url] + headers.map(\.value) + (body.map { [$0] } ?? []) {
            for name in text.references where !names.contains(name) { names.append(name) }
        }
        return names
    }
}

/// The names of the configuration's values that a request may refer to.
package enum ValueName {
    /// Where the API is: scheme, host, port and a path prefix.
    package static let baseURL = "API_BASE_URL"
    /// The secret that proves that a request comes from the scheduler.
    package static let token = "JOB_TOKEN"
    /// The user that ordinary maintenance acts as.
    package static let admin = "ADMIN_USER_UUID"
    /// The user that restricted maintenance acts as.
    package static let superadmin = "SUPERADMIN_USER_UUID"
    /// The values that may be shown; every other one is taken for a secret.
    package static let shown: Set<String> = [baseURL, admin, superadmin]
}
