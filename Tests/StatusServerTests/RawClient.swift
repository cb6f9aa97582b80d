import NIOCore
import NIOPosix
import StatusServer

/// A client that sends bytes as they are, so that a test sees what really goes over the connection.
enum RawClient {
    /// Opens a connection to `address`, sends `request`, and answers all that comes until the server closes.
    static func exchange(_ address: ListenAddress, _ request: String) async throws -> String {
        try await withConnection(to: address) { connection in
            try await connection.send(request)
            return try await connection.rest()
        }
    }

    /// An open connection in the hands of `body`, closed after it.
    static func withConnection<Result: Sendable>(
        to address: ListenAddress, _ body: (inout Connection) async throws -> sending Result
    ) async throws -> Result {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        let plain =
            switch address {
            case .tcp(let host, let port):
                try await bootstrap.connect(to: SocketAddress(ipAddress: host, port: port)).get()
            case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
            case .passed: throw ChannelError.operationUnsupported
            }
        let channel = try await plain.eventLoop.submit {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: plain)
        }.get()
        return try await channel.executeThenClose { inbound, outbound in
            var connection = Connection(outbound: outbound, inbound: inbound.makeAsyncIterator())
            return try await body(&connection)
        }
    }

    struct Connection {
        let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator

        func send(_ text: String) async throws {
            try await outbound.write(ByteBuffer(string: text))
        }

        /// What comes up to the first `end`.
        mutating func next(until end: String) async throws -> String {
            var text = ""
            while !text.hasSuffix(end), let buffer = try await inbound.next(isolation: #isolation) {
                text += String(buffer: buffer)
            }
            return text
        }

        /// What comes until the server closes.
        mutating func rest() async throws -> String {
            var text = ""
            while let buffer = try await inbound.next(isolation: #isolation) {
                text += String(buffer: buffer)
            }
            return text
        }
    }
}
