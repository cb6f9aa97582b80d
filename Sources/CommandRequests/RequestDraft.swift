import RequestText

/// A request while a command line is being read.
struct RequestDraft {
    var method: String?
    /// The method when none is named; nil for GET, or POST with a body.
    var usualMethod: String?
    var url: TemplateText?
    var urlOffset = 0
    var headers: [CommandRequest.Header] = []
    var body: TemplateText?
    /// Where the body begins in the file; nil without one.
    var bodyOffset: Int?
    var isJSON = false
    var timeout: Duration?
    var failsOnStatus = false
    var retryCount = 0
    var retryDelay: Duration?
    /// A fault was reported, so that there will be no request.
    var isFaulty = false

    mutating func add(_ name: String, _ value: TemplateText, at offset: Int, _ reading: inout CommandReading)
    {
        guard !HeaderRule.reserved.contains(name.lowercased()) else {
            return leaveOut(name, at: offset, &reading)
        }
        guard let header = CommandRequest.Header.checked(name, value, at: offset, &reading) else {
            isFaulty = true
            return
        }
        headers.append(header)
    }

    /// Without such a header the request is the same, but for the host, which may be another than the URL's.
    private mutating func leaveOut(_ name: String, at offset: Int, _ reading: inout CommandReading) {
        guard name.lowercased() == "host" else {
            return reading.report(
                .reservedHeader, "Almanac sets the header \(name) itself; left out", hint: "leave it out",
                at: offset)
        }
        isFaulty = true
        reading.report(
            .invalidCommand, "the header \(name) is refused: a request goes to the host of its URL",
            hint: "write the host into the URL", at: offset)
    }

    func hasHeader(_ name: String) -> Bool {
        headers.contains { $0.name.lowercased() == name.lowercased() }
    }

    /// The request, or nil after a fault.
    func request(program: String, at offset: Int, _ reading: inout CommandReading) -> CommandRequest? {
        guard let url else {
            if !isFaulty { reading.report(.invalidCommand, "\(program) is called without a URL", at: offset) }
            return nil
        }
        guard let address = RequestURL.checked(url, at: urlOffset, &reading), !isFaulty else { return nil }
        if let body, let name = ClearSecrets(in: body).names.first {
            reading.report(
                .secretInClear, "the value of \(name.prefix(40)) in the body stands in clear text",
                hint: "keep it in the configuration, and write %NAME% here", at: bodyOffset ?? offset)
        }
        return CommandRequest(
            method: method ?? usualMethod ?? (body == nil ? "GET" : "POST"), url: address,
            headers: headers + headersOfBody, body: body, timeout: timeout, failsOnStatus: failsOnStatus,
            retry: retryCount == 0 ? nil : CommandRequest.Retry(count: retryCount, delay: retryDelay))
    }

    /// What curl and PowerShell add to a request with a body, unless the command line says otherwise.
    private var headersOfBody: [CommandRequest.Header] {
        guard body != nil else { return [] }
        let type = isJSON ? "application/json" : "application/x-www-form-urlencoded"
        let usual = [("Content-Type", type)] + (isJSON ? [("Accept", type)] : [])
        return usual.compactMap { name, value in
            hasHeader(name) ? nil : .init(name: name, value: TemplateText(literal: value), isSecret: false)
        }
    }
}
