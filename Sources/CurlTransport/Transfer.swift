import CLibcurl
import Glibc
import RunModel

/// One transfer on the thread of the transfer loop: a request, or a connection that only probes.
final class Transfer {
    let submission: Submission
    let destination: Destination
    private let started = ContinuousClock.now
    private var easy: EasyHandle
    private var headers = HeaderList()

    // What the callbacks below found; they are called on the same thread, from within `MultiHandle.perform`.
    private var isRequestBegun = false
    private var headerBytes = 0
    private var bodyBytes = 0
    private var bodyBeginning: [UInt8] = []
    private var stop: Findings.Stop?
    private var addresses: [String] = []
    private var connectBegun: ContinuousClock.Instant?
    private var connectTime: Duration?
    private var tlsVersion: String?

    /// The request must have passed `RequestCheck`. Nil when there is no memory.
    init?(_ submission: Submission, settings: TransferSettings) {
        let request = submission.request
        guard let destination = Destination(url: request.url, socketPath: request.socketPath),
            let easy = EasyHandle()
        else { return nil }
        self.submission = submission
        self.destination = destination
        self.easy = easy
        setProtections(settings)
        setCallbacks()
        switch submission.purpose {
        case .send: guard setRequest(settings) else { return nil }
        case .probe: setProbe()
        }
    }

    /// Nil once it is under way, or why it is not.
    func start(on multi: borrowing MultiHandle) -> String? {
        if let option = easy.refusedOption {
            return "libcurl refused the option \(option); a newer one is needed"
        }
        return multi.add(easy)
    }

    func leave(_ multi: borrowing MultiHandle) {
        multi.remove(easy)
    }

    /// Identifies it among the transfers under way.
    var identity: UInt { easy.identity }

    /// Answers the caller: the transfer ended by itself, with `code`.
    func finish(_ code: CURLcode) {
        let findings = findings(code)
        switch submission.purpose {
        case .send(let continuation):
            continuation.resume(returning: Exchange(result: findings.result, elapsed: elapsed))
        case .probe(let continuation):
            continuation.resume(returning: probe(findings))
        }
    }

    /// Answers the caller: it gave up, or the transport ends.
    func cancel() {
        submission.cancel(requestMayHaveBeenSent: stage == .sent, elapsed: elapsed)
    }

    /// Answers the caller: libcurl as a whole failed, through no fault of the transfer.
    func fail(_ failure: String) {
        guard stage == .sent, case .send(let continuation) = submission.purpose else {
            return submission.refuse(failure)
        }
        continuation.resume(returning: Exchange(result: .broken(.connection, failure), elapsed: elapsed))
    }

    private var elapsed: Duration { ContinuousClock.now - started }
}

// MARK: - What is asked of libcurl

extension Transfer {
    private func setProtections(_ settings: TransferSettings) {
        let request = submission.request
        easy.set(CURLOPT_URL, request.url)
        easy.set(CURLOPT_PATH_AS_IS, 1)
        easy.set(CURLOPT_UNIX_SOCKET_PATH, request.socketPath)
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        // A redirect would take the token elsewhere, or turn a POST into a GET.
        easy.set(CURLOPT_FOLLOWLOCATION, 0)
        easy.set(CURLOPT_SSL_VERIFYPEER, 1)
        easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        if let file = settings.certificateAuthoritiesFile {
            easy.set(CURLOPT_CAINFO, file)
            easy.set(CURLOPT_CAPATH, nil)
        }
        // No proxy, whatever the environment says.
        easy.set(CURLOPT_PROXY, "")
        easy.set(CURLOPT_NOPROXY, "*")
        easy.set(CURLOPT_NETRC, CLibcurl_netrcIgnored)
        easy.set(CURLOPT_NOSIGNAL, 1)
        // libcurl repeats a request when a reused connection turns out dead; on a new connection one attempt
        // is one request.
        easy.set(CURLOPT_FRESH_CONNECT, 1)
        easy.set(CURLOPT_FORBID_REUSE, 1)
        easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        // The end of a transfer does not wait for a name look-up that hangs.
        easy.set(CURLOPT_QUICK_EXIT, 1)
        let milliseconds = milliseconds(request.timeout)
        easy.set(CURLOPT_TIMEOUT_MS, milliseconds)
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds)
    }

    /// Rounded up, as 0 would mean no limit, and cut to what libcurl can count.
    private func milliseconds(_ duration: Duration) -> Int {
        guard duration < .milliseconds(Int(Int32.max)) else { return Int(Int32.max) }
        let (seconds, attoseconds) = duration.components
        return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    private func setRequest(_ settings: TransferSettings) -> Bool {
        let request = submission.request
        easy.set(CURLOPT_USERAGENT, settings.userAgent)
        switch (request.method, request.body) {
        case ("HEAD", nil):
            easy.set(CURLOPT_NOBODY, 1)
        case (let method, nil) where !["POST", "PUT", "PATCH"].contains(method):
            easy.set(CURLOPT_HTTPGET, 1)
        case (_, let body):
            easy.setBody(body ?? [])
        }
        easy.set(CURLOPT_CUSTOMREQUEST, request.method)

        var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        // What libcurl would add by itself: a wait for leave to send the body, and the type of an HTML form.
        for name in ["Expect", "Content-Type"]
        where !request.headers.contains(where: { $0.name.lowercased() == name.lowercased() }) {
            lines.append("\(name):")
        }
        for line in lines {
            guard headers.append(line) else { return false }
        }
        unsafe easy.set(CURLOPT_HTTPHEADER, pointer: headers.raw)
        return true
    }

    private func setProbe() {
        easy.set(CURLOPT_CONNECT_ONLY, 1)
        easy.set(CURLOPT_CERTINFO, 1)
        easy.set(CURLOPT_VERBOSE, 1)
        unsafe easy.set(CURLOPT_DEBUGDATA, pointer: context)
        unsafe easy.setDebugFunction { _, kind, text, count, context in
            guard kind == CURLINFO_TEXT, let text = unsafe text, let transfer = unsafe Transfer.from(context)
            else { return 0 }
            let bytes = unsafe UnsafeRawBufferPointer(start: text, count: count)
            transfer.note(line: unsafe String(decoding: bytes, as: UTF8.self))
            return 0
        }
        unsafe easy.set(CURLOPT_OPENSOCKETDATA, pointer: context)
        unsafe easy.setOpenSocketFunction { context, _, address in
            guard let address = unsafe address else { return CURL_SOCKET_BAD }
            unsafe Transfer.from(context)?.note(address: address)
            return unsafe socket(
                address.pointee.family, address.pointee.socktype | closeOnExec, address.pointee.protocol)
        }
    }
}

/// A socket that a child process does not inherit.
private let closeOnExec = Int32(SOCK_CLOEXEC.rawValue)

// MARK: - What libcurl calls

extension Transfer {
    /// Valid while the transfer is under way: the loop keeps it as long.
    private var context: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        unsafe context.map { unsafe Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func setCallbacks() {
        unsafe easy.set(CURLOPT_PREREQDATA, pointer: context)
        unsafe easy.setPrerequestFunction { context, _, _, _, _ in
            unsafe Transfer.from(context)?.isRequestBegun = true
            return CURL_PREREQFUNC_OK
        }
        unsafe easy.set(CURLOPT_HEADERDATA, pointer: context)
        unsafe easy.setWriteFunction(CURLOPT_HEADERFUNCTION) { _, size, count, context in
            unsafe Transfer.from(context)?.take(headerBytes: size * count) ?? 0
        }
        unsafe easy.set(CURLOPT_WRITEDATA, pointer: context)
        unsafe easy.setWriteFunction(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            unsafe Transfer.from(context)?.take(
                body: UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
    }

    /// How many bytes were taken; fewer than there are ends the transfer.
    private func take(headerBytes count: Int) -> Int {
        headerBytes += count
        guard headerBytes <= Limits.responseHeaderBytesMax else {
            stop = .headersTooLong
            return 0
        }
        return count
    }

    /// How many bytes were taken; fewer than there are ends the transfer.
    private func take(body bytes: UnsafeRawBufferPointer) -> Int {
        let taken = unsafe bytes.prefix(Limits.responseBodyBytesMax - bodyBytes)
        bodyBytes += unsafe taken.count
        unsafe bodyBeginning.append(
            contentsOf: taken.prefix(max(submission.request.bodyBytesKept - bodyBeginning.count, 0)))
        if unsafe taken.count < bytes.count { stop = .bodyLongEnough }
        return unsafe taken.count
    }

    private func note(address: UnsafePointer<curl_sockaddr>) {
        connectBegun = .now
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard unsafe CLibcurl_addressText(address, &text, socklen_t(text.count)) == 0 else { return }
        addresses.append(
            String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    /// libcurl tells when the connection stood, apart from the handshake behind it, and the version of TLS,
    /// only in its log; without these lines the details of a probe say less.
    private func note(line: String) {
        if line.hasPrefix("Connected to "), let connectBegun {
            connectTime = ContinuousClock.now - connectBegun
        } else if line.hasPrefix("SSL connection using ") {
            tlsVersion = line.split(separator: " ").dropFirst(3).first.map(String.init)
        }
    }
}

// MARK: - What came of it

extension Transfer {
    private var stage: Findings.Stage {
        if isRequestBegun {
            // Under TLS a part of the request may have left although libcurl counts nothing yet.
            return destination.isSecure || easy.long(CURLINFO_REQUEST_SIZE) > 0 ? .sent : .ready
        }
        if destination.socketPath == nil {
            if easy.time(CURLINFO_NAMELOOKUP_TIME_T) == .zero { return .resolving }
            // Not CONNECT_TIME, which some versions set only behind the TLS handshake.
            if easy.long(CURLINFO_LOCAL_PORT) == 0 { return .connecting }
        } else if easy.time(CURLINFO_CONNECT_TIME_T) == .zero {
            return .connecting
        }
        return destination.isSecure && easy.time(CURLINFO_APPCONNECT_TIME_T) == .zero ? .securing : .ready
    }

    private func findings(_ code: CURLcode) -> Findings {
        let systemError = Int32(truncatingIfNeeded: easy.long(CURLINFO_OS_ERRNO))
        // From libcurl 8.14 on a connection that is refused has a local port, too.
        let reached = code == CURLE_COULDNT_CONNECT ? min(stage, .connecting) : stage
        var answer = HTTPAnswer(
            status: easy.long(CURLINFO_RESPONSE_CODE),
            retryAfter: easy.answerHeader("Retry-After", bytesMax: answerHeaderBytesMax),
            contentType: easy.answerHeader("Content-Type", bytesMax: answerHeaderBytesMax),
            bodyBeginning: bodyBeginning, bodyBytes: bodyBytes)
        for name in submission.request.answerFields {
            answer.fields[name] = easy.answerHeader(name, bytesMax: answerHeaderBytesMax)
        }
        return Findings(
            code: code, stage: reached, stop: stop, destination: destination,
            timeout: submission.request.timeout, answer: answer,
            errorText: easy.errorText,
            systemErrorText: systemError == 0 ? nil : unsafe String(cString: strerror(systemError)))
    }

    private func probe(_ findings: Findings) -> Probe {
        ProbeReport(
            findings: findings, addresses: addresses, connectTime: connectTime, tlsVersion: tlsVersion,
            certificateLines: easy.certificateLines()
        ).probe
    }
}

/// The longest kept value of an answer's header: a date or a media type is far shorter.
private let answerHeaderBytesMax = 256
