import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection: it reads one request, answers it, or misbehaves, and closes.
struct Connection {
    typealias Channel = NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>
    private typealias Inbound = NIOAsyncChannelInboundStream<HTTPServerRequestPart>
    private typealias Outbound = NIOAsyncChannelOutboundWriter<ByteBuffer>

    let channel: Channel
    let endpoints: Endpoints
    let ledger: Ledger

    func run() async {
        // The client going away ends a connection, whatever was being done to it.
        try? await channel.executeThenClose { inbound, outbound in
            if ledger.nextForConnection() != nil { return try await reset() }
            var parts = inbound.makeAsyncIterator()
            guard let request = try await read(&parts) else { return }
            if let answer = ControlEndpoints(ledger: ledger, token: endpoints.settings.token).answer(
                to: request)
            {
                return try await send(answer.wireText, outbound)
            }
            let misbehaviour = ledger.nextForRequest()
            ledger.add(request)
            let answer = endpoints.answer(to: request, in: ledger.deployment)
            guard let misbehaviour else { return try await send(answer.wireText, outbound) }
            try await misbehave(misbehaviour, answer, &parts, outbound)
        }
    }

    private func read(_ parts: inout Inbound.AsyncIterator) async throws -> ReceivedRequest? {
        var request: ReceivedRequest?
        while let part = try await parts.next(isolation: #isolation) {
            switch part {
            case .head(let head):
                request = ReceivedRequest(
                    method: head.method.rawValue, target: head.uri,
                    headers: head.headers.map { ($0.name, $0.value) },
                    body: [])
            case .body(let bytes):
                request?.body += Array(bytes.readableBytesView)
                if request?.body.count ?? 0 > requestBodyBytesMax { return nil }
            case .end:
                return request
            }
        }
        return nil
    }

    private func misbehave(
        _ misbehaviour: Misbehaviour, _ answer: Answer, _ parts: inout Inbound.AsyncIterator,
        _ outbound: Outbound
    ) async throws {
        switch misbehaviour {
        case .delay(let duration):
            try await Task.sleep(for: duration)
            try await send(answer.wireText, outbound)
        case .hold:
            await ledger.hold()
            try await send(answer.wireText, outbound)
        case .status(let status, let retryAfter):
            var answer = Answer.detail(status, "as it was told to")
            if let retryAfter { answer.headers.append(("Retry-After", retryAfter)) }
            try await send(answer.wireText, outbound)
        case .redirect(let status, let location):
            try await send(Answer(status: status, headers: [("Location", location)]).wireText, outbound)
        case .silence:
            try await waitForClient(&parts)
        case .resetBeforeRequest, .resetAfterRequest:
            try await reset()
        case .resetInBody:
            try await send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789", outbound)
            try await reset()
        case .closeWithoutAnswer:
            return
        case .endlessBody:
            try await send("HTTP/1.1 200 OK\r\n\r\n", outbound)
            let chunk = String(repeating: "endless ", count: 4096)
            while true { try await send(chunk, outbound) }
        case .slowBody(let interval):
            try await send("HTTP/1.1 200 OK\r\n\r\n", outbound)
            while true {
                try await send(".", outbound)
                try await Task.sleep(for: interval)
            }
        case .stalledHeaders:
            try await send("HTTP/1.1 200 OK\r\nContent-Ty", outbound)
            try await waitForClient(&parts)
        case .endlessHeaders:
            try await send("HTTP/1.1 200 OK\r\n", outbound)
            let lines = String(repeating: "X-Filler: of no use to anyone\r\n", count: 1000)
            while true { try await send(lines, outbound) }
        case .compressedBody:
            let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
            try await outbound.write(ByteBuffer(bytes: Array(head.utf8) + compressedBytes))
        case .garbage:
            try await send("220 mail.example ESMTP ready\r\n", outbound)
        }
    }

    private func send(_ text: String, _ outbound: Outbound) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    /// Returns when the client has closed its side.
    private func waitForClient(_ parts: inout Inbound.AsyncIterator) async throws {
        while try await parts.next(isolation: #isolation) != nil {}
    }

    /// Closes with a reset (RST): a lingering time of zero seconds means just that.
    private func reset() async throws {
        let channel = channel.channel
        if let options = channel as? any SocketOptionProvider {
            try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try await channel.close()
    }
}

/// More than any job sends.
private let requestBodyBytesMax = 4 * 1024 * 1024

/// The beginning of a gzip member (RFC 1952).
private let compressedBytes: [UInt8] =
    [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0x03] + Array(repeating: 0, count: 100)
