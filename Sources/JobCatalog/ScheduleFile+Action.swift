import RequestText

/// The action of a job's line: a method, and a path of the API or a whole URL.
extension ScheduleFile {
    func action(
        _ words: ArraySlice<LineScanner.Word>, _ name: LineScanner.Word
    ) throws(Problem) -> (method: String, url: TemplateText) {
        guard let method = words.first, let target = words.dropFirst().first else {
            throw Problem(
                columns: name.columns, code: "no-action", message: "the job has no action",
                hint: "write a method and a path, like POST /api/cron/purge_old")
        }
        guard Self.methods.contains(method.text) else {
            if method.text == "RUN" {
                throw Problem(
                    columns: method.columns, code: "method",
                    message: "RUN is reserved: Almanac starts no commands yet",
                    hint: "write a method and a path, like POST /api/cron/purge_old")
            }
            let near = Self.methods.contains(method.text.uppercased()) ? method.text.uppercased() : nil
            throw Problem(
                columns: method.columns, code: "method", message: "“\(method.text)” is no HTTP method",
                hint: near.map { "did you mean \($0)?" } ?? "write one of "
                    + Self.methods.joined(separator: ", "))
        }
        return (method.text, try url(target))
    }

    /// The methods that a job may use (RFC 9110, section 9.3, and RFC 5789).
    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

    private func url(_ word: LineScanner.Word) throws(Problem) -> TemplateText {
        guard let template = TemplateText(parsing: word.text) else {
            throw Problem(
                columns: word.columns, code: "url", message: "a ${ in the URL does not end with a name and }",
                hint: "write ${NAME}")
        }
        guard word.text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
            throw Problem(
                columns: word.columns, code: "url", message: EndpointURL.Problem.characters.message,
                hint: EndpointURL.Problem.characters.hint)
        }
        if let secret = template.references.first(where: { !ValueName.shown.contains($0) }) {
            throw Problem(
                columns: word.columns, code: "url-secret",
                message: "the URL holds \(secret), and URLs end up in logs",
                hint: "send it in a header: header=\"Name: ${\(secret)}\"")
        }
        if word.text.hasPrefix("/") {
            return TemplateText([.reference(ValueName.baseURL)] + template.parts)
        }
        guard template.references.isEmpty else { return template }
        do {
            _ = try EndpointURL(word.text)
        } catch {
            throw Problem(
                columns: word.columns, code: "url", message: error.message,
                hint: error == .notAbsolute
                    ? "write a path like /api/cron/purge_old, or a whole URL" : error.hint)
        }
        return template
    }
}
