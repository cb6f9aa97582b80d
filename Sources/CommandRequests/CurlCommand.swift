import CivilTime
import RequestText

/// A curl command line as a request.
package struct CurlCommand {
    private var draft = RequestDraft()
    /// `-g`: brackets and braces in the URL mean themselves.
    private var isLiteralURL = false
    /// Where `-H "Content-Type:"` stands, which keeps curl from saying what a body is.
    private var untypedBody: MappedText?

    /// The request that curl would make with the arguments `words`; nil when a fault was reported.
    package static func request(
        from words: [MappedText], at offset: Int, _ reading: inout CommandReading
    ) -> CommandRequest? {
        var command = CurlCommand()
        command.read(words, &reading)
        command.check(&reading)
        let request = command.draft.request(program: "curl", at: offset, &reading)
        if let request, !request.failsOnStatus {
            reading.report(
                .statusNotChecked,
                "curl without -f reports success whatever the API answers; here an HTTP error fails the run",
                hint: "write -fsS, so that Windows notices as well", at: offset)
        }
        return request
    }

    private mutating func read(_ words: [MappedText], _ reading: inout CommandReading) {
        var rest = words[...]
        var onlyURLs = false
        if let quoted = words.first(where: { $0.bytes.first == UInt8(ascii: "'") }) {
            reading.report(
                .singleQuotes, "single quotes are plain characters to Windows, and hold nothing together",
                hint: "write double quotes", at: quoted.offset(at: 0))
        }
        while let word = rest.popFirst() {
            if onlyURLs || word.bytes.first != UInt8(ascii: "-") || word.count == 1 {
                takeURL(word, &reading)
            } else if word.string == "--" {
                onlyURLs = true
            } else if word.starts(with: "--") {
                readLong(word, &rest, &reading)
            } else {
                readShort(word, &rest, &reading)
            }
        }
    }

    /// What only the whole command line shows.
    private mutating func check(_ reading: inout CommandReading) {
        if !isLiteralURL, let url = draft.url, Self.isPattern(url) {
            draft.isFaulty = true
            reading.report(
                .refusedOption, "curl makes several requests of a URL with {…} or […], and a job makes one",
                hint: "write -g if the characters are meant", at: draft.urlOffset)
        }
        guard let body = draft.bodyOffset else { return }
        if draft.usualMethod == "HEAD" {
            draft.isFaulty = true
            reading.report(.invalidCommand, "curl takes -I or a body, not both", at: body)
        }
        if let untypedBody, !draft.hasHeader("Content-Type") {
            refuse(
                "-H Content-Type:", "a request with a body always says what it is", at: untypedBody, &reading,
                hint: "write the type behind the colon")
        }
    }

    /// Whether a URL holds a set `{a,b}` or a range `[1-3]` (curl(1), URL); the brackets around an IPv6 address are
    /// none.
    private static func isPattern(_ url: TemplateText) -> Bool {
        url.parts.contains { part in
            guard case .literal(let text) = part else { return false }
            let host = text.firstRange(of: "://[").map { text[$0.upperBound...] }
            let rest = host.map { $0.drop { $0 != "]" }.dropFirst() } ?? text[...]
            return rest.contains { "{}[]".contains($0) }
        }
    }

    private mutating func readLong(
        _ word: MappedText, _ rest: inout ArraySlice<MappedText>, _ reading: inout CommandReading
    ) {
        let equals = word.bytes.firstIndex(of: UInt8(ascii: "="))
        let name = word[2..<max(2, equals ?? word.count)].string
        guard let option = CurlOption(name: name) else {
            // What follows two hyphens by mistake may be anything, also a secret.
            let shown = name.allSatisfy { $0.isLetter || $0 == "-" } ? name.prefix(24) : "…"
            return refuse("--" + shown, "it is not known here", at: word, &reading)
        }
        guard equals == nil else {
            return fault(
                "curl does not know --\(name)=", at: word, &reading,
                hint: "put a blank between the option and its value")
        }
        apply(option, "--" + name, at: word, attached: nil, &rest, &reading)
    }

    /// Letters may stand together, `-fsS`, and the last may have its value attached, `-XPOST`.
    private mutating func readShort(
        _ word: MappedText, _ rest: inout ArraySlice<MappedText>, _ reading: inout CommandReading
    ) {
        var index = 1
        while index < word.count {
            let letter = Character(Unicode.Scalar(word.bytes[index]))
            guard word.bytes[index] < 0x80, let option = CurlOption(letter: letter) else {
                return refuse("-\(letter)", "it is not known here", at: word, &reading)
            }
            index += 1
            if option.takesValue {
                let attached = index < word.count ? word[index...] : nil
                return apply(option, "-\(letter)", at: word, attached: attached, &rest, &reading)
            }
            apply(option, "-\(letter)", at: word, attached: nil, &rest, &reading)
        }
    }

    private mutating func apply(
        _ option: CurlOption, _ name: String, at word: MappedText, attached: MappedText?,
        _ rest: inout ArraySlice<MappedText>, _ reading: inout CommandReading
    ) {
        if case .refused(let why) = option { return refuse(name, why, at: word, &reading) }
        guard option.takesValue else {
            switch option {
            case .fail: draft.failsOnStatus = true
            case .head: draft.usualMethod = "HEAD"
            case .literalURL: isLiteralURL = true
            default: break
            }
            return
        }
        guard let value = attached ?? rest.popFirst() else {
            return fault("the option \(name) has no value", at: word, &reading)
        }
        take(option, name, value, &reading)
    }

    private mutating func take(
        _ option: CurlOption, _ name: String, _ value: MappedText, _ reading: inout CommandReading
    ) {
        switch option {
        case .url: takeURL(value, &reading)
        case .method: takeMethod(value, &reading)
        case .header: takeHeader(value, &reading)
        case .data, .rawData, .json: takeData(option, name, value, &reading)
        case .maximumTime: draft.timeout = seconds(value, name, &reading).flatMap { $0 == .zero ? nil : $0 }
        case .retryDelay: draft.retryDelay = seconds(value, name, &reading).flatMap { $0 == .zero ? nil : $0 }
        case .retry:
            guard let count = Int(value.string), (0...100).contains(count) else {
                return fault("\(name) wants a number from 0 to 100", at: value, &reading)
            }
            draft.retryCount = count
        case .user: takeUser(value, &reading)
        case .bearer:
            var header = TemplateText(literal: "Bearer ")
            header.append(reading.value(of: value, expansion: .taskScheduler))
            add("Authorization", header, at: value, &reading)
        case .userAgent:
            add("User-Agent", reading.value(of: value, expansion: .taskScheduler), at: value, &reading)
        case .referer:
            add("Referer", reading.value(of: value, expansion: .taskScheduler), at: value, &reading)
        case .output:
            guard ["nul", "nul:", "/dev/null", "-"].contains(value.string.lowercased()) else {
                return refuse(
                    name, "the answer goes into the record of the run, not into a file", at: value, &reading)
            }
        case .fail, .head, .literalURL, .harmless, .harmlessValue, .refused: break
        }
    }

    private mutating func takeURL(_ word: MappedText, _ reading: inout CommandReading) {
        if draft.url != nil {
            return refuse("second URL", "a job makes one request", at: word, &reading)
        }
        draft.url = reading.value(of: word, expansion: .taskScheduler)
        draft.urlOffset = word.offset(at: 0)
    }

    private mutating func takeMethod(_ value: MappedText, _ reading: inout CommandReading) {
        guard let name = HTTPMethod.named(value.string) else {
            return fault("the value of -X is not an HTTP method", at: value, &reading)
        }
        if name != value.string {
            reading.report(
                .lowerCaseMethod,
                "curl sends the method as it is written, \(value.string), and servers tell capitals from small"
                    + " letters; read as \(name)", hint: "write -X \(name)", at: value.offset(at: 0))
        }
        draft.method = name
    }

    private mutating func takeData(
        _ option: CurlOption, _ name: String, _ value: MappedText, _ reading: inout CommandReading
    ) {
        if option != .rawData, value.bytes.first == UInt8(ascii: "@") {
            return refuse("\(name) @", "a task does not read files of this machine", at: value, &reading)
        }
        if option == .json { draft.isJSON = true }
        let piece = reading.value(of: value, expansion: .taskScheduler)
        // curl joins pieces of --data with &, and those of --json with nothing.
        if draft.body != nil, option != .json { draft.body?.append(.literal("&")) }
        draft.bodyOffset = draft.bodyOffset ?? value.offset(at: 0)
        draft.body = draft.body ?? TemplateText()
        draft.body?.append(piece)
    }

    private mutating func takeUser(_ value: MappedText, _ reading: inout CommandReading) {
        guard let text = reading.value(of: value, expansion: .taskScheduler).literal else {
            return refuse(
                "-u", "it is encoded, so that it cannot hold a reference", at: value, &reading,
                hint: "keep the encoded text, and write -H \"Authorization: Basic %NAME%\"")
        }
        guard text.contains(":") else {
            return fault("-u without a password makes curl ask for one", at: value, &reading)
        }
        add(
            "Authorization", TemplateText(literal: "Basic " + Base64.encode(Array(text.utf8))), at: value,
            &reading)
    }

    private mutating func takeHeader(_ value: MappedText, _ reading: inout CommandReading) {
        if value.bytes.first == UInt8(ascii: "@") {
            guard let header = HeaderFile.header(of: value[1...].string) else {
                return refuse(
                    "-H @", "a task does not read files of this machine", at: value, &reading,
                    hint:
                        "call it job-token.header for the header X-Job-Token with the value of JOB_TOKEN"
                )
            }
            draft.headers.append(header)
            return
        }
        let mark = value.bytes.firstIndex { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ";") }
        guard let mark, HeaderRule.isName(value[..<mark].string) else {
            return fault("expected a header \"Name: value\"", at: value, &reading)
        }
        let name = value[..<mark].string
        let text = value[(mark + 1)...].trimmed
        if value.bytes[mark] == UInt8(ascii: ";") {
            // "Name;" sends the header without a value.
            guard text.isEmpty else { return fault("a header is \"Name: value\"", at: value, &reading) }
        } else if text.isEmpty {
            // "Name:" keeps curl from sending a header of its own.
            if name.lowercased() == "content-type" { untypedBody = value }
            return
        }
        add(name, reading.value(of: text, expansion: .taskScheduler), at: value, &reading)
    }

    private mutating func add(
        _ name: String, _ value: TemplateText, at word: MappedText, _ reading: inout CommandReading
    ) {
        draft.add(name, value, at: word.offset(at: 0), &reading)
    }

    private mutating func seconds(
        _ value: MappedText, _ name: String, _ reading: inout CommandReading
    ) -> Duration? {
        // What is wrong is said below, in curl's words.
        let isNumber = value.bytes.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        let duration = isNumber ? try? DurationText.parse("\(value.string)s") : nil
        guard let duration, duration <= .seconds(7 * 86400) else {
            fault("\(name) expects seconds, at most one week", at: value, &reading)
            return nil
        }
        return duration
    }

    /// `option` is a name, never a value: values may be secrets.
    private mutating func refuse(
        _ option: String, _ why: String, at word: MappedText, _ reading: inout CommandReading,
        hint: String? = nil
    ) {
        draft.isFaulty = true
        reading.report(
            .refusedOption, "curl's \(option) is refused: \(why)",
            hint: hint ?? "leave it out",
            at: word.offset(at: 0))
    }

    private mutating func fault(
        _ message: String, at word: MappedText, _ reading: inout CommandReading, hint: String? = nil
    ) {
        draft.isFaulty = true
        reading.report(.invalidCommand, message, hint: hint, at: word.offset(at: 0))
    }
}
