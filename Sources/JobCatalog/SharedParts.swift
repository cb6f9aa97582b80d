import RequestText

/// Rules that many jobs run under, kept once, with what is said of them again and again.
final class SharedPolicy: Sendable {
    let policy: Policy
    /// Each rule that is set, as `option=value`, in a fixed order.
    let facts: [String]
    /// Those of `facts` that a line must say, since they are not usual.
    let words: [String]

    init(_ policy: Policy) {
        self.policy = policy
        facts = policy.options.map { "\($0.option.rawValue)=\($0.value)" }
        words = facts.filter { !Self.usual.contains($0) }
    }

    private static let usual = Set(Policy().options.map { "\($0.option.rawValue)=\($0.value)" })
}

/// Headers that the requests of many jobs have, kept once, with how they may be shown.
final class SharedHeaders: Sendable {
    let headers: [RequestTemplate.Header]
    /// The headers with `***` for each secret that stands in them.
    let shown: [RequestTemplate.Header]

    init(_ headers: [RequestTemplate.Header]) {
        self.headers = headers
        shown = headers.map(\.withoutClearSecret)
    }
}

/// What jobs have in common while they are read: jobs are many, and most have the same few rules and headers, and many
/// the same URL.
package struct SharedParts: Sendable {
    private var policies: [Policy: SharedPolicy] = [:]
    private var headers: [[RequestTemplate.Header]: SharedHeaders] = [:]
    private var urls: Set<TemplateText> = []
    // Most lines say what the line before them says.
    private var lastPolicy: SharedPolicy?
    private var lastHeaders: SharedHeaders?
    private var lastURL = TemplateText()

    /// More different ones are not looked for: a file may give each job its own, and then there is nothing to share.
    private static let kindsMax = 1000

    /// Nothing in common yet.
    package init() {}

    mutating func policy(_ policy: Policy) -> SharedPolicy {
        if let lastPolicy, lastPolicy.policy == policy { return lastPolicy }
        let shared = policies[policy] ?? SharedPolicy(policy)
        if policies.count < Self.kindsMax { policies[policy] = shared }
        lastPolicy = shared
        return shared
    }

    mutating func headers(_ headers: [RequestTemplate.Header]) -> SharedHeaders {
        if let lastHeaders, lastHeaders.headers == headers { return lastHeaders }
        let shared = self.headers[headers] ?? SharedHeaders(headers)
        if self.headers.count < Self.kindsMax { self.headers[headers] = shared }
        lastHeaders = shared
        return shared
    }
    mutating func url(_ url: TemplateText) -> TemplateText {
        if lastURL == url { return lastURL }
        if urls.count < Self.kindsMax { lastURL = urls.insert(url).memberAfterInsert } else { lastURL = url }
        return lastURL
    }
}
