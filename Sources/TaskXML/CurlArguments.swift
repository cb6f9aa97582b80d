import CivilTime
import CommandRequests
import RequestText

/// The arguments of curl.exe that make a request.
enum CurlArguments {
    /// The folder of the header files on Windows, readable by SYSTEM and administrators only.
    static let headerFolder = #"C:\ProgramData\Almanac"#

    /// The arguments for `request`, its references as `%NAME%`, or as a header file where the convention has
    /// one.
    static func text(for request: CommandRequest) throws(TaskWriteError) -> String {
        var words = [request.failsOnStatus ? "-fsS" : "-sS"]
        if request.method == "HEAD", request.body != nil {
            throw TaskWriteError(.value, "curl sends no body with HEAD")
        }
        // curl waits for a body after -X HEAD.
        words += request.method == "HEAD" ? ["-I"] : ["-X", request.method]
        if let timeout = request.timeout { words += ["--max-time", seconds(timeout)] }
        if let retry = request.retry {
            words += ["--retry", "\(retry.count)"]
            if let delay = retry.delay { words += ["--retry-delay", seconds(delay)] }
        }
        let url = try plain(request.url, "the URL")
        if url.contains(where: { "[]{}".contains($0) }) { words.append("-g") }
        words.append(WindowsCommandLine.quote(url, always: true))
        for header in request.headers {
            if let file = header.fileName {
                words += ["-H", WindowsCommandLine.quote("@\(headerFolder)\\\(file)")]
                continue
            }
            let value = try plain(header.value, "the header \(header.name)")
            let line = value.isEmpty ? "\(header.name);" : "\(header.name): \(value)"
            words += ["-H", WindowsCommandLine.quote(line, always: true)]
        }
        if let body = request.body {
            words += ["--data-raw", WindowsCommandLine.quote(try plain(body, "the body"), always: true)]
        }
        let text = words.joined(separator: " ")
        guard text.utf16.count < TaskLimits.commandLineUnitsMax else {
            throw TaskWriteError(
                .tooLong,
                "the command line has \(text.utf16.count) characters, and Windows allows fewer than"
                    + " \(TaskLimits.commandLineUnitsMax)")
        }
        return text
    }

    /// A value as Task Scheduler fills it in.
    private static func plain(_ value: TemplateText, _ what: String) throws(TaskWriteError) -> String {
        var text = ""
        for part in value.parts {
            switch part {
            case .reference(let name): text += "%\(name)%"
            case .literal(let piece): text += piece
            }
        }
        var reading = CommandReading(lookup: { _ in nil })
        var mapped = MappedText(at: 0)
        for byte in text.utf8 { mapped.append(byte, from: 0) }
        guard reading.value(of: mapped, expansion: .taskScheduler) == value else {
            throw TaskWriteError(
                .value, "\(what) holds text that Task Scheduler or Almanac would take for a variable",
                hint: "a text such as %NAME%, ${NAME} or {{NAME}} cannot be written as it is")
        }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
            throw TaskWriteError(.value, "\(what) holds a control character or a line end")
        }
        return text
    }

    /// Decimal seconds.
    private static func seconds(_ duration: Duration) -> String {
        let micros = duration.wholeMicroseconds
        let fraction = micros % 1_000_000
        guard fraction != 0 else { return "\(micros / 1_000_000)" }
        let digits = String(fraction + 1_000_000).dropFirst()
        return "\(micros / 1_000_000).\(digits)"
    }
}
