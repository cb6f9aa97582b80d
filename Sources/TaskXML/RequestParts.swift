import RunModel

/// Names and methods of HTTP (RFC 9110, section 5.6.2).
enum HTTPToken {
    /// Whether the text is a token: letters, digits and a few marks.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 256
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// The method of that name in upper case, or nil when it is none.
    static func method(_ text: String) -> String? {
        let isWord = text.utf8.allSatisfy {
            ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z")
        }
        return isWord && !text.isEmpty && text.utf8.count <= 16 ? text.uppercased() : nil
    }
}

extension TaskRequest.Header {
    /// The header, or nil after a fault was reported; a secret that stands in clear text is reported as well.
    static func checked(
        _ name: String, _ value: TemplateText, at offset: Int, _ context: inout DecodingContext
    ) -> TaskRequest.Header? {
        let hasControl = value.parts.contains { part in
            guard case .literal(let text) = part else { return false }
            return text.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }
        }
        guard !hasControl else {
            context.report(
                .invalidCommand, "the value of the header \(name) has a control character", at: offset)
            return nil
        }
        let isSecret = SecretName.holds(name) || value.references.contains { SecretName.holds($0) }
        let header = TaskRequest.Header(name: name, value: value, isSecret: isSecret)
        if header.holdsClearSecret {
            context.report(
                .secretInClear, "the value of the header \(name) stands in clear text",
                hint: "keep it in the configuration, and write %NAME% here", at: offset)
        }
        return header
    }
}

/// The convention for curl's `-H @FILE`: what the file is called says which header it holds.
///
/// A file called `job-token.header` holds the one line `X-Job-Token: …`, and stands for that header with the
/// value of `JOB_TOKEN`. So a task can name a secret without holding it, on Windows and here.
enum HeaderFile {
    /// The header that the file at `path` stands for, or nil when it is not called so.
    static func header(of path: String) -> TaskRequest.Header? {
        let name = path.split { $0 == "\\" || $0 == "/" }.last.map(String.init) ?? path
        guard name.hasSuffix(".header") else { return nil }
        let words = name.dropLast(".header".count).split(separator: "-", omittingEmptySubsequences: false)
        let isPlain = words.allSatisfy { word in
            !word.isEmpty && word.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
        }
        guard isPlain, !words.isEmpty else { return nil }
        let header = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: "-")
        let reference = words.map { $0.uppercased() }.joined(separator: "_")
        return TaskRequest.Header(
            name: "X-" + header, value: TemplateText([.reference(reference)]), isSecret: true)
    }

}

extension TaskRequest.Header {
    /// The name of the file for a header of a single reference, if the convention has one for it.
    package var fileName: String? {
        guard value.parts.count == 1, let reference = value.references.first else { return nil }
        let file = reference.lowercased().split(separator: "_").joined(separator: "-") + ".header"
        return HeaderFile.header(of: file)?.name.lowercased() == name.lowercased() ? file : nil
    }
}

/// The URL of a request.
enum RequestURL {
    /// The URL, or nil after a fault was reported.
    static func checked(_ value: TemplateText, at offset: Int, _ context: inout DecodingContext)
        -> TemplateText?
    {
        let url = withOneScheme(value, at: offset, &context)
        guard let first = url.parts.first else {
            context.report(.invalidCommand, "the URL is empty", at: offset)
            return nil
        }
        let whole = url.description
        if whole.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7f }) {
            context.report(.invalidCommand, "the URL has a blank or a control character", at: offset)
            return nil
        }
        if case .literal(let beginning) = first {
            let lower = beginning.lowercased()
            guard lower.hasPrefix("http://") || lower.hasPrefix("https://") else {
                context.report(
                    .invalidCommand, "the URL does not begin with https:// or http://",
                    hint: "write the whole URL, or {{API_BASE_URL}} and a path", at: offset)
                return nil
            }
            let authority = beginning.drop { $0 != "/" }.dropFirst(2).prefix { !"/?#".contains($0) }
            if authority.contains("@") {
                context.report(
                    .invalidCommand, "the URL holds a user name or password",
                    hint: "URLs are shown in records and logs; use a header", at: offset)
                return nil
            }
        }
        if let secret = url.references.first(where: { SecretName.holds($0) }) {
            context.report(
                .invalidCommand, "the URL would hold the secret \(secret)",
                hint: "URLs are shown in records and logs; use a header", at: offset)
            return nil
        }
        if let name = ClearSecrets(in: url).names.first {
            context.report(
                .secretInClear, "the value of the URL's parameter \(name.prefix(40)) stands in clear text",
                hint: "URLs are shown in records and logs; use a header", at: offset)
        }
        return url
    }

    /// The field writes `https://<API_BASE_URL>`, and the value of `API_BASE_URL` has a scheme as well: that
    /// one counts.
    private static func withOneScheme(
        _ url: TemplateText, at offset: Int, _ context: inout DecodingContext
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
        context.report(
            .doubledScheme, "\(scheme) stands before a value that is a whole URL already; left out",
            hint: "begin the URL with the placeholder", at: offset)
        return TemplateText([.literal(String(rest))] + url.parts.dropFirst())
    }
}

/// Base64 (RFC 4648, section 4).
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place <= group.count ? digits[Int(bits >> UInt32(18 - 6 * place) & 63)] : "=")
            }
        }
        return text
    }
}
