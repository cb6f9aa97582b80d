import RequestText

/// The URL of a request.
enum RequestURL {
    /// The URL, or nil after a fault was reported.
    static func checked(_ value: TemplateText, at offset: Int, _ reading: inout CommandReading)
        -> TemplateText?
    {
        let url = withOneScheme(value, at: offset, &reading)
        guard let first = url.parts.first else {
            reading.report(.invalidCommand, "the URL is empty", at: offset)
            return nil
        }
        let whole = url.description
        if whole.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7f }) {
            reading.report(.invalidCommand, "the URL has a blank or a control character", at: offset)
            return nil
        }
        if case .literal(let beginning) = first {
            let lower = beginning.lowercased()
            guard lower.hasPrefix("http://") || lower.hasPrefix("https://") else {
                reading.report(
                    .invalidCommand, "the URL does not begin with https:// or http://",
                    hint: "write the whole URL, or {{API_BASE_URL}} and a path", at: offset)
                return nil
            }
            let authority = beginning.drop { $0 != "/" }.dropFirst(2).prefix { !"/?#".contains($0) }
            if authority.contains("@") {
                reading.report(
                    .invalidCommand, "the URL holds a user name or password",
                    hint: "URLs are shown in records and logs; use a header", at: offset)
                return nil
            }
        }
        if let secret = url.references.first(where: { SecretName.holds($0) }) {
            reading.report(
                .invalidCommand, "the URL would hold the secret \(secret)",
                hint: "URLs are shown in records and logs; use a header", at: offset)
            return nil
        }
        if let name = ClearSecrets(in: url).names.first {
            reading.report(
                .secretInClear, "the value of the URL's parameter \(name.prefix(40)) stands in clear text",
                hint: "URLs are shown in records and logs; use a header", at: offset)
        }
        return url
    }

    /// The field writes `https://<API_BASE_URL>`, and the value of `API_BASE_URL` has a scheme as well: that
    /// one counts.
    private static func withOneScheme(
        _ url: TemplateText, at offset: Int, _ reading: inout CommandReading
    ) -> TemplateText {
        guard case .literal(let beginning)? = url.parts.first,
            let scheme = ["https://", "http://"].first(where: { beginning.hasPrefix($0) })
        else { return url }
        let rest = beginning.dropFirst(scheme.count)
        let isDoubled = ["https://", "http://"].contains { rest.hasPrefix($0) }
        let isBeforeReference: Bool
        if rest.isEmpty, case .reference(let name)? = url.parts.dropFirst().first {
            isBeforeReference = name.hasSuffix("URL")
        } else {
            isBeforeReference = false
        }
        guard isDoubled || isBeforeReference else { return url }
        reading.report(
            .doubledScheme, "\(scheme) stands before a value that is a whole URL already; left out",
            hint: "begin the URL with the placeholder", at: offset)
        return TemplateText([.literal(String(rest))] + url.parts.dropFirst())
    }
}
