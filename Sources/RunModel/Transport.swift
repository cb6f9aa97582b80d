package import CivilTime

/// Sends requests. One transport serves all jobs; it never follows a redirect and never retries.
package protocol Transport: Sendable {
    /// Sends one request and waits for its whole answer within the request's limits. Cancelling the caller ends it.
    func send(_ request: HTTPRequest) async -> Exchange

    /// Resolves, connects and shakes hands with the host of the request, and sends nothing of it.
    func probe(_ request: HTTPRequest) async -> Probe
}

/// A request with its secrets in place; only a transport reads the values.
package struct HTTPRequest: Sendable {
    /// A header line.
    package struct Header: Sendable, Equatable {
        /// A token (RFC 9110, section 5.6.2).
        package var name: String
        /// Without a line break or another control character but the tab.
        package var value: String
        /// The value is shown as `***` wherever it is shown.
        package var isSecret: Bool

        package init(_ name: String, _ value: String, isSecret: Bool = false) {
            self.name = name
            self.value = value
            self.isSecret = isSecret
        }
    }

    /// In upper case, sent as it is.
    package var method: String
    /// An absolute `http` or `https` URL; `http` only to loopback.
    package var url: String
    /// In the order they are sent.
    package var headers: [Header]
    /// nil for a request without one.
    package var body: [UInt8]?
    /// The bound of the whole attempt, from name resolution to the last byte.
    package var timeout: Duration
    /// The local socket to connect to in place of the URL's host; nil for none.
    package var socketPath: String?
    /// The header fields of the answer that are kept, in lower case.
    package var answerFields: [String] = []
    /// How much of the answer's body is kept, at most `Limits.responseBodyBytesMax`.
    package var bodyBytesKept: Int

    package init(
        method: String, url: String, headers: [Header], body: [UInt8]? = nil, timeout: Duration,
        socketPath: String? = nil, bodyBytesKept: Int = Limits.responseExcerptBytesMax
    ) {
        self.socketPath = socketPath
        self.bodyBytesKept = bodyBytesKept
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

/// What came of sending a request.
package struct Exchange: Sendable, Equatable {
    /// How it ended; only `notSent` and `cancelled` can say that nothing was written.
    package enum Result: Sendable, Equatable {
        /// A whole answer came, whatever its status.
        case answered(HTTPAnswer)
        /// Nothing of the request left this host: it is safe to send it again.
        case notSent(Reason, String)
        /// A part of the request may have arrived, and no whole answer came.
        case broken(Reason, String)
        /// The timeout passed; when nothing had been written it is `notSent` instead.
        case timedOut(String)
        /// The caller gave up; the flag says whether something may have been written.
        case cancelled(requestMayHaveBeenSent: Bool)
    }

    /// What is known of the request's effect.
    package var result: Result
    /// From the start to the end of the attempt.
    package var elapsed: Duration

    package init(result: Result, elapsed: Duration) {
        self.result = result
        self.elapsed = elapsed
    }
}

/// An HTTP answer, its body cut to a bounded beginning.
package struct HTTPAnswer: Sendable, Equatable {
    /// Three digits, as they were sent; not only those that are registered.
    package var status: Int
    /// `Retry-After` as it was sent, if it was.
    package var retryAfter: String?
    /// `Content-Type`, if it was sent.
    package var contentType: String?
    /// Those of the request's `answerFields` that were sent, in lower case.
    package var fields: [String: String] = [:]
    /// At most the request's `bodyBytesKept` bytes of the body; secrets are not masked here.
    package var bodyBeginning: [UInt8]
    /// The bytes of the body that were read; reading stops at `Limits.responseBodyBytesMax`.
    package var bodyBytes: Int

    /// The field that says how the body is compressed (RFC 9110, 8.4).
    package static let encodingField = "content-encoding"

    /// The beginning of the body as text; nil when it is compressed, and so cannot be searched for secrets.
    package var excerpt: String? {
        let coding = fields[Self.encodingField]?.lowercased() ?? "identity"
        return coding == "identity" || coding.isEmpty ? String(decoding: bodyBeginning, as: UTF8.self) : nil
    }

    package init(
        status: Int, retryAfter: String? = nil, contentType: String? = nil, bodyBeginning: [UInt8] = [],
        bodyBytes: Int = 0
    ) {
        self.status = status
        self.retryAfter = retryAfter
        self.contentType = contentType
        self.bodyBeginning = bodyBeginning
        self.bodyBytes = bodyBytes
    }
}

/// What a connection that sends nothing found out.
package struct Probe: Sendable, Equatable {
    /// One step on the way to the host, with what was found or why it failed.
    package struct Step: Sendable, Equatable {
        /// What is tried: name resolution, the connection, the handshake with the server's certificate.
        package enum Kind: String, Sendable { case dns, tcp, tls }
        /// What was tried.
        package var kind: Kind
        /// False for the last step only: nothing follows a failure.
        package var isPassed: Bool
        /// What was found, such as the addresses, or why it failed.
        package var detail: String

        package init(_ kind: Kind, isPassed: Bool, detail: String) {
            self.kind = kind
            self.isPassed = isPassed
            self.detail = detail
        }
    }

    /// In the order dns, tcp, tls, up to and with the first that failed; no tls step for `http`.
    package var steps: [Step]
    /// When the server's certificate ends, if there is one.
    package var certificateEnds: Instant?

    package init(steps: [Step], certificateEnds: Instant? = nil) {
        self.steps = steps
        self.certificateEnds = certificateEnds
    }
}
