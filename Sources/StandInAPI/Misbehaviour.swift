/// What the stand-in does instead of answering as it should.
package enum Misbehaviour: Sendable, Equatable {
    /// Answers rightly, but so much later.
    case delay(Duration)
    /// Answers rightly, but only once `StandInAPI.release` is called.
    case hold
    /// Answers with this status and a JSON `detail`, and with `Retry-After`, in seconds or as a date, when it
    /// is given.
    case status(Int, retryAfter: String? = nil)
    /// Answers with this status and `Location`.
    case redirect(Int, location: String)
    /// Reads the request and never answers; the connection stays open.
    case silence
    /// Resets the connection as soon as it is made.
    case resetBeforeRequest
    /// Resets the connection once the whole request was read.
    case resetAfterRequest
    /// Resets the connection after a status of 200 and a part of the body that was announced.
    case resetInBody
    /// Closes the connection in good order, without an answer.
    case closeWithoutAnswer
    /// Answers 200 and a body that never ends.
    case endlessBody
    /// Answers 200 and a body of which a byte comes at each interval, without end.
    case slowBody(interval: Duration)
    /// Sends the beginning of its headers, and then nothing.
    case stalledHeaders
    /// Sends header lines without end.
    case endlessHeaders
    /// Answers 200 with `Content-Encoding: gzip` and bytes that would unpack to far more.
    case compressedBody
    /// Answers with bytes that are not HTTP.
    case garbage
}

extension Misbehaviour {
    /// Reads `kind=delay&ms=500`, `kind=status&status=429&retry-after=30`,
    /// `kind=redirect&status=307&location=URL`, `kind=slow-body&ms=1000`, or one of the other kinds, which
    /// take nothing.
    package init?(query: String) {
        self.init(parameters: Query.parameters(of: query))
    }

    init?(parameters: [String: String]) {
        let milliseconds = parameters["ms"].flatMap { Int($0) }.map { Duration.milliseconds($0) }
        let status = parameters["status"].flatMap { Int($0) }.flatMap { (200...599).contains($0) ? $0 : nil }
        switch parameters["kind"] {
        case "delay":
            guard let milliseconds else { return nil }
            self = .delay(milliseconds)
        case "status":
            guard let status else { return nil }
            self = .status(status, retryAfter: parameters["retry-after"])
        case "redirect":
            guard let location = parameters["location"] else { return nil }
            self = .redirect(status ?? 302, location: location)
        case "slow-body":
            self = .slowBody(interval: milliseconds ?? .seconds(1))
        case let kind?:
            guard let simple = Self.simpleKinds[kind] else { return nil }
            self = simple
        case nil:
            return nil
        }
    }

    private static let simpleKinds: [String: Misbehaviour] = [
        "hold": .hold, "silence": .silence, "reset-before-request": .resetBeforeRequest,
        "reset-after-request": .resetAfterRequest,
        "reset-in-body": .resetInBody, "close": .closeWithoutAnswer, "endless-body": .endlessBody,
        "stalled-headers": .stalledHeaders, "endless-headers": .endlessHeaders,
        "compressed-body": .compressedBody,
        "garbage": .garbage,
    ]

    /// The kinds that can be asked for by name, for a usage text.
    package static let kinds = ["delay", "status", "redirect", "slow-body"] + simpleKinds.keys.sorted()
}
