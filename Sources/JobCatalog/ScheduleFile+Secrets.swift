import RequestText

/// Secrets that stand in clear text in the line of a job.
extension ScheduleFile {
    /// One of them: where, and what to say of it.
    struct ClearSecret {
        var columns: Range<Int>
        var message: String
        var hint: String
    }

    /// Those of `job`, in the words of its line from the target of its action on.
    static func clearSecrets(of job: Job, in words: ArraySlice<LineScanner.Word>) -> [ClearSecret] {
        let (request, shown) = (job.request, job.shownRequest)
        guard shown != request, let target = words.first else { return [] }
        var found: [ClearSecret] = []
        if shown.url != request.url {
            let name = ClearSecrets(in: request.url).names.first ?? ""
            found.append(
                ClearSecret(
                    columns: target.columns,
                    message: "the value of the URL's parameter \(name) stands in clear text",
                    hint: "keep it in the configuration, and send it in a header: header=\"Name: ${NAME}\""))
        }
        let kept = "keep it in the configuration, and write ${NAME} here"
        // Those that the line does not name come first in the request.
        let headerWords = words.filter { $0.text.hasPrefix("header=") }
        let headers = zip(request.headers, shown.headers).suffix(headerWords.count)
        for (word, (header, masked)) in zip(headerWords, headers) where header != masked {
            found.append(
                ClearSecret(
                    columns: word.columns,
                    message: "the value of the header \(header.name) stands in clear text",
                    hint: kept))
        }
        if let body = request.body, shown.body != body,
            let word = words.first(where: { $0.text.hasPrefix("body=") })
        {
            let name = ClearSecrets(in: body).names.first ?? ""
            found.append(
                ClearSecret(
                    columns: word.columns, message: "the value of \(name) in the body stands in clear text",
                    hint: kept))
        }
        return found
    }

    /// Where words look as if they held a secret, in a line that makes no job, of which nothing else is known.
    static func likelySecrets(in line: String) -> [Range<Int>] {
        var words: [LineScanner.Word] = []
        var scanner = LineScanner(line)
        do {
            while let word = try scanner.next() { words.append(word) }
        } catch {
            // A quote that does not end holds the rest.
            let columns = (words.last?.columns.upperBound ?? 0)..<line.utf8.count
            let rest = String(decoding: line.utf8.dropFirst(columns.lowerBound), as: UTF8.self)
            words.append(.init(text: rest, columns: columns))
        }
        // Without its quotes, a header's value is the words that follow.
        if let header = words.firstIndex(where: { isSecretHeader($0.text) && $0.text.hasSuffix(":") }) {
            words[header].columns = words[header].columns.lowerBound..<line.utf8.count
            words.removeSubrange((header + 1)...)
        }
        let bytes = Array(line.utf8)
        // Also as it is written, since quotes that are missing round JSON take its own away.
        return words.map(\.columns).filter { isLikelySecret(String(decoding: bytes[$0], as: UTF8.self)) }
            + words.filter { isLikelySecret($0.text) }.map(\.columns)
    }

    /// A parameter or a member of JSON whose name says so, or a header's.
    private static func isLikelySecret(_ word: String) -> Bool {
        let text = TemplateText(parsing: word) ?? TemplateText(literal: word)
        return !ClearSecrets(in: text).names.isEmpty || isSecretHeader(word) && !word.contains("${")
    }

    /// Like `header=X-Api-Key: …`, also with the option misspelt.
    private static func isSecretHeader(_ word: String) -> Bool {
        guard let equals = word.firstIndex(of: "="), let colon = word[equals...].firstIndex(of: ":") else {
            return false
        }
        return SecretName.holds(word[equals..<colon].dropFirst().filter { !"\"'".contains($0) })
    }

    /// The line as it may be shown, as wide as it was: `*` for all behind the `=` or `?` of a word with a secret.
    static func masked(_ line: String, _ words: [Range<Int>]) -> String {
        var bytes = Array(line.utf8)
        for columns in words {
            let word = bytes[columns]
            let mark = word.first(where: { "=?".utf8.contains($0) })
            let start = mark.flatMap(word.firstIndex).map { $0 + 1 } ?? word.startIndex
            for index in start..<word.endIndex { bytes[index] = UInt8(ascii: "*") }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension RequestTemplate {
    /// The request of a line: its action, and what its options add.
    init(_ action: (method: String, url: TemplateText), _ options: JobOptions) {
        var headers: [RequestTemplate.Header] = []
        switch options.identity {
        case .none: break
        case .reference(let name): headers.append(.init("X-User-ID", TemplateText([.reference(name)])))
        case .user(let user): headers.append(.init("X-User-ID", TemplateText([.literal(user)])))
        }
        // The token goes to the API alone: a whole URL of somebody else's must not receive it unasked.
        let isSet = options.headers.contains { $0.name.lowercased() == "x-job-token" }
        if action.url.parts.first == .reference(ValueName.baseURL), !isSet {
            headers.append(.init("X-Job-Token", TemplateText([.reference(ValueName.token)])))
        }
        self.init(
            method: action.method, url: action.url, headers: headers + options.headers, body: options.body)
    }
}
