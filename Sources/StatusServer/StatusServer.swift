import Glibc
import Hummingbird
import HummingbirdCore
import Listener
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Answers `/health`, `/metrics`, `/livez`, `/readyz` and the API on this host.
///
/// It opens its own socket rather than a Hummingbird application's, which can neither take a passed one nor
/// tell a stale local socket from a live one.
package final class StatusServer: Service {
    /// Tells which user is at the other end of a connection, by its descriptor, when that one is trusted; nil for all others.
    package typealias Membership = @Sendable (Int32) -> UInt32?

    private let address: ListenAddress
    private let membership: Membership?
    private let source: any HealthSource
    private let api: any Responder
    private let connections: Connections
    private let logger: Logger
    /// Two threads, whatever the number of processors: each has three descriptors, and those who ask are few.
    private static let threads = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    private let group: any EventLoopGroup = StatusServer.threads
    private let started: AsyncThrowingStream<ListenAddress, any Error>
    private let startedContinuation: AsyncThrowingStream<ListenAddress, any Error>.Continuation

    /// A server that asks `source` for what the process is, and `api` for all else; it listens once it runs. With `membership`
    /// it listens on a local socket for those who are trusted by who they are.
    package convenience init(
        listen address: ListenAddress, membership: Membership? = nil, source: any HealthSource,
        api: any Responder, connectionsMax: Int = Limits.connectionsMax, logger: Logger
    ) {
        self.init(
            listen: address, membership: membership, source: source, api: api,
            bounds: .init(connections: connectionsMax), logger: logger)
    }

    /// The same with other bounds.
    init(
        listen address: ListenAddress, membership: Membership? = nil, source: any HealthSource,
        api: any Responder, bounds: Connections.Bounds, logger: Logger
    ) {
        connections = Connections(bounds)
        self.address = address
        self.membership = membership
        self.source = source
        self.api = api
        self.logger = logger
        (started, startedContinuation) = AsyncThrowingStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Waits until the server listens, and answers where, with the real port; throws what keeps it from
    /// listening.
    ///
    /// For one caller.
    package func listening() async throws -> ListenAddress {
        for try await address in started { return address }
        throw CancellationError()
    }

    /// Listens and answers until the task is cancelled or the service is to stop; connections end with it.
    package func run() async throws {
        let (source, api, membership, connections) = (source, api, membership, connections)
        let connection = HTTP1Channel(
            responder: { request, writer, channel in
                let peer = try await Self.peer(of: channel, membership)
                try await Self.respond(
                    to: request, from: peer, writer: writer, channel: channel, connections, source, api)
            },
            configuration: .init(
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: Limits.headerBytesMax, maxHeaderListSize: Limits.headBytesMax,
                    maxHeaderFieldCount: Limits.headersMax)))
        let listener: Listener<HTTP1Channel.Value>
        do {
            listener = try await listen(connection)
        } catch {
            let error =
                (error as? IOError).map {
                    StatusServerError(address: address.description, errno: $0.errnoCode)
                } ?? error
            startedContinuation.finish(throwing: error)
            throw error
        }
        let bound = boundAddress(of: listener.channel)
        startedContinuation.yield(bound)
        startedContinuation.finish()
        logger.info("status server listening", metadata: ["address": .stringConvertible(bound)])
        await withTaskCancellationOrGracefulShutdownHandler {
            // An answer takes no time, so what is open at the end is idle.
            await listener.serve { [logger] in await connection.handle(value: $0, logger: logger) }
        } onCancelOrGracefulShutdown: {
            listener.channel.close(promise: nil)
        }
        // Nobody answers there any more; a file that cannot be removed is found to be stale at the next
        // start.
        if case .unix(let path) = address { unlink(path) }
    }

    private func listen(_ connection: HTTP1Channel) async throws -> Listener<HTTP1Channel.Value> {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
        return try await Listener(bootstrap) { [logger, connections] channel in
            connection.setup(channel: channel, logger: logger).flatMapThrowing { value in
                try channel.pipeline.syncOperations.addHandler(
                    RequestBeginning(connections), position: .first)
                connections.add(channel)
                return value
            }
        } bind: { bootstrap in
            switch address {
            case .tcp(let host, let port):
                return try await bootstrap.bind(to: SocketAddress(ipAddress: host, port: port)).get()
            case .passed(let descriptor): return try await bootstrap.withBoundSocket(descriptor).get()
            case .unix(let path): return try await bindFile(bootstrap, path)
            }
        }
    }

    private func bindFile(_ bootstrap: ServerBootstrap, _ path: String) async throws -> any Channel {
        try await StaleSocket.remove(at: path, group: group)
        let channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
        // For the group too, as that of a reverse proxy, and for nobody else, whatever the umask(2) says.
        guard chmod(path, 0o660) == 0 else {
            let error = StatusServerError(address: address.description, errno: errno)
            try? await channel.close()  // The reason why it is closed matters more.
            throw error
        }
        return channel
    }

    private func boundAddress(of channel: any Channel) -> ListenAddress {
        guard let local = channel.localAddress, let port = local.port, let host = local.ipAddress else {
            return address
        }
        return .tcp(host: host, port: port)
    }

    @concurrent private static func respond(
        to request: Request, from peer: WebRequest.Peer, writer: consuming ResponseWriter,
        channel: any Channel, _ connections: Connections, _ source: any HealthSource, _ api: any Responder
    ) async throws {
        let (answer, isRead) = await answer(to: request, from: peer, source, api) {
            connections.set(.answering, of: channel)
        }
        var headers: HTTPFields = [:]
        if let type = answer.contentType { headers[.contentType] = type }
        headers[.contentLength] = String(answer.body.count)
        headers[.cacheControl] = "no-store"
        for field in answer.fields {
            if let name = HTTPFields.Element.Name(field.name) { headers[name] = field.value }
        }
        // What was not read of a request is not the next one: after the answer the connection ends.
        let isLast = !isRead || connections.endsAfterAnswer(channel)
        if isLast { headers[.connection] = "close" }
        let hasBody = request.method != .head && answer.status != 304 && answer.status != 204
        if answer.status == 204 { headers[.contentLength] = nil }
        connections.set(.writing, of: channel)
        try await writer.write(
            response: HTTPResponse(status: .init(code: answer.status), headerFields: headers),
            body: hasBody ? ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)) : ResponseBody())
        if isLast { try await channel.close() } else { connections.set(.waiting, of: channel) }
    }

    /// The answer, and whether the whole request was read, which `whenRead` hears before the answer is made.
    private static func answer(
        to request: Request, from peer: WebRequest.Peer, _ source: any HealthSource, _ api: any Responder,
        whenRead: () -> Void
    ) async -> (WebAnswer, isRead: Bool) {
        let hasBody =
            request.headers[.transferEncoding] != nil || (request.headers[.contentLength] ?? "0") != "0"
        if let answer = StatusAnswer(
            method: request.method.rawValue, path: request.uri.path,
            query: request.uri.queryParameters.map { ($0.key, $0.value) },
            // Prometheus alone sends it (prometheus.io/docs/instrumenting/writing_exporters).
            isScrape: request.headers.contains {
                $0.name.canonicalName == "x-prometheus-scrape-timeout-seconds"
            },
            source: source)
        {
            // No question about the process has a body, so none is read.
            return (answer.web, !hasBody)
        }
        var fields = request.headers.map { (name: $0.name.rawName, value: $0.value) }
        if let authority = request.head.authority { fields.append(("host", authority)) }
        var body: [UInt8] = []
        if hasBody {
            guard let whole = try? await request.body.collect(upTo: Limits.bodyBytesMax) else {
                let most = "the body is longer than \(Limits.bodyBytesMax / 1024) KiB"
                return (StatusAnswer(problem: most, title: "Content Too Large", status: 413).web, false)
            }
            body = Array(whole.readableBytesView)
        }
        whenRead()
        guard
            let asked = WebRequest(
                method: request.method.rawValue, target: request.head.path ?? "", fields: fields, body: body,
                peer: peer)
        else {
            let why = "the path or the query is not UTF-8 in percent encoding"
            return (StatusAnswer(problem: why, title: "Bad Request", status: 400).web, true)
        }
        return (await api.answer(asked), true)
    }

    private static func peer(
        of channel: any Channel, _ membership: Membership?
    ) async throws -> WebRequest.Peer {
        if let address = channel.remoteAddress?.ipAddress { return .network(address) }
        guard let membership else { return .local }
        let user = try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                membership($0)
            }
        }.get()
        return (user ?? nil).map { .member(user: $0) } ?? .local
    }
}
