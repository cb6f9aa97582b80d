import RequestText

/// Reads the tokens of a call of Invoke-RestMethod or Invoke-WebRequest.
struct PowerShellRequest {
    private var tokens: ArraySlice<PowerShellToken>
    private var draft = RequestDraft()
    private var last: Int
    /// Open parentheses; nobody nests them deeper, and a hostile file must not exhaust the stack.
    private var depth = 0
    private static let depthMax = 8
    private var hasTableBody = false

    init(_ tokens: [PowerShellToken]) {
        self.tokens = tokens[...]
        last = tokens.first?.offset ?? 0
        draft.failsOnStatus = true
        draft.usualMethod = "GET"
    }

    mutating func read(
        at offset: Int, _ reading: inout CommandReading
    ) throws(PowerShellFault) -> CommandRequest? {
        let name = try value()
        switch name.literal?.lowercased() {
        case "invoke-restmethod", "irm", "invoke-webrequest", "iwr": break
        default: throw fault("\(CommandReading.excerpt(name.description)) is not a call of these")
        }
        while let token = tokens.first {
            last = token.offset
            guard case .parameter(let name) = token.kind else {
                // The first argument without a name is the URL.
                guard draft.url == nil else { throw fault("an argument has no parameter") }
                try takeURL()
                continue
            }
            tokens.removeFirst()
            try take(name, &reading)
        }
        if hasTableBody, draft.method ?? "GET" == "GET" {
            throw fault("PowerShell puts a table into the URL of a GET; write it there")
        }
        return draft.request(program: "PowerShell", at: offset, &reading)
    }

    private mutating func take(_ name: String, _ reading: inout CommandReading) throws(PowerShellFault) {
        switch name {
        case "uri": try takeURL()
        case "method": try takeMethod()
        case "headers": try takeHeaders(&reading)
        case "body": try takeBody()
        case "contenttype": try takeHeader("Content-Type", &reading)
        case "useragent": try takeHeader("User-Agent", &reading)
        case "timeoutsec": draft.timeout = try number(0...604_800).flatMap { $0 == 0 ? nil : .seconds($0) }
        case "maximumretrycount": draft.retryCount = try number(0...100) ?? 0
        case "retryintervalsec": draft.retryDelay = try number(1...86_400).map { .seconds($0) }
        case "usebasicparsing", "disablekeepalive", "verbose": break
        case "erroraction", "ea", "maximumredirection", "warningaction": _ = try value()
        case "skiphttperrorcheck":
            throw fault("-SkipHttpErrorCheck makes an HTTP error a success")
        case "skipcertificatecheck":
            throw fault(
                "-SkipCertificateCheck leaves the connection unprotected; certificates are always verified")
        default: throw fault("parameter -\(name) is not supported")
        }
    }

    private mutating func takeURL() throws(PowerShellFault) {
        draft.urlOffset = tokens.first?.offset ?? last
        draft.url = try value()
    }

    private mutating func takeMethod() throws(PowerShellFault) {
        guard let text = try value().literal, let method = HTTPMethod.named(text) else {
            throw fault("the method is not one of HTTP")
        }
        draft.method = method
    }

    private mutating func takeHeader(_ name: String, _ reading: inout CommandReading) throws(PowerShellFault)
    {
        let offset = tokens.first?.offset ?? last
        draft.add(name, try value(), at: offset, &reading)
    }

    private mutating func takeHeaders(_ reading: inout CommandReading) throws(PowerShellFault) {
        for entry in try table() {
            guard HeaderRule.isName(entry.key) else { throw fault("invalid header name") }
            draft.add(entry.key, entry.value, at: entry.offset, &reading)
        }
    }

    /// A text, or a table, which PowerShell sends as a form.
    private mutating func takeBody() throws(PowerShellFault) {
        draft.bodyOffset = tokens.first?.offset ?? last
        guard tokens.first?.kind == .openTable else {
            draft.body = try value()
            return
        }
        hasTableBody = true
        var pairs: [String] = []
        for entry in try table() {
            guard let text = entry.value.literal else {
                throw fault("a form is encoded, so that it cannot hold a reference")
            }
            pairs.append(PercentEncoding.encode(entry.key) + "=" + PercentEncoding.encode(text))
        }
        draft.body = TemplateText(literal: pairs.joined(separator: "&"))
    }

    private mutating func number(_ range: ClosedRange<Int>) throws(PowerShellFault) -> Int? {
        guard let number = Int(try value().description), range.contains(number) else {
            throw fault("a number from \(range.lowerBound) to \(range.upperBound) is expected")
        }
        return number
    }

    /// A text, or texts joined by `+`, in parentheses or not.
    private mutating func value() throws(PowerShellFault) -> TemplateText {
        guard let token = tokens.popFirst() else { throw fault("a value is missing") }
        last = token.offset
        switch token.kind {
        case .text(let text): return text
        case .openGroup:
            guard depth < Self.depthMax else { throw fault("parentheses are nested too deep") }
            depth += 1
            let sum = try sum()
            depth -= 1
            guard tokens.popFirst()?.kind == .closeGroup else { throw fault("a parenthesis does not close") }
            return sum
        case .parameter, .closeGroup, .openTable, .closeTable, .equals, .plus, .separator:
            throw fault("a value is missing")
        }
    }

    private mutating func sum() throws(PowerShellFault) -> TemplateText {
        var sum = try value()
        while tokens.first?.kind == .plus {
            tokens.removeFirst()
            sum.append(try value())
        }
        return sum
    }

    /// `@{ name = value; … }`
    private mutating func table() throws(PowerShellFault) -> [(key: String, value: TemplateText, offset: Int)]
    {
        guard tokens.popFirst()?.kind == .openTable else { throw fault("a table @{…} is expected") }
        var entries: [(key: String, value: TemplateText, offset: Int)] = []
        while let token = tokens.first, token.kind != .closeTable {
            last = token.offset
            if token.kind == .separator {
                tokens.removeFirst()
                continue
            }
            guard let key = try value().literal else { throw fault("a name in a table is not plain") }
            guard tokens.popFirst()?.kind == .equals else { throw fault("= is missing in a table") }
            entries.append((key, try sum(), token.offset))
        }
        guard tokens.popFirst() != nil else { throw fault("a table does not close") }
        return entries
    }

    private func fault(_ message: String) -> PowerShellFault {
        PowerShellFault(message: message, offset: last)
    }
}
