package import NIOCore
package import NIOPosix

/// A socket that listens, and the connections that it accepts, of which each is served.
///
/// Not the sequence of connections that SwiftNIO has for this: what is accepted while the listener closes falls out of that,
/// and a connection that falls unserved ends the process.
package struct Listener<Connection: Sendable>: Sendable {
    /// The channel of the listener; closing it ends `serve`.
    package let channel: any Channel
    private let accepted: AsyncStream<Connection>

    /// Listens where `bind` says; throws what that throws.
    ///
    /// `setUp` makes of each channel, on its event loop, the connection that is served. Whoever has a listener serves.
    package init(
        _ bootstrap: ServerBootstrap, setUp: @escaping @Sendable (any Channel) -> EventLoopFuture<Connection>,
        bind: (ServerBootstrap) async throws -> any Channel
    ) async throws {
        let (accepted, waiting) = AsyncStream.makeStream(of: Connection.self)
        self.accepted = accepted
        channel = try await bind(
            bootstrap.childChannelInitializer { channel in
                setUp(channel).flatMapThrowing { connection in
                    try channel.pipeline.syncOperations.addHandler(
                        HandOver(connection, to: waiting), position: .first)
                }
            })
        channel.closeFuture.whenComplete { _ in waiting.finish() }
    }

    /// Serves each connection in a task of its own until the listener is closed; then cancels these tasks, and returns
    /// when all have ended. Cancelling the task that waits here changes nothing.
    package func serve(_ body: @escaping @Sendable (Connection) async -> Void) async {
        await Task {
            await withDiscardingTaskGroup { tasks in
                for await connection in accepted {
                    tasks.addTask { await body(connection) }
                }
                tasks.cancelAll()
            }
        }.value
    }
}

/// Hands a connection over when it is active, which it must be before it is closed for reading alone.
private final class HandOver<Connection: Sendable>: ChannelInboundHandler {
    typealias InboundIn = Never
    private let waiting: AsyncStream<Connection>.Continuation
    private var connection: Connection?

    init(_ connection: Connection, to waiting: AsyncStream<Connection>.Continuation) {
        self.connection = connection
        self.waiting = waiting
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let connection else { return context.fireChannelActive() }
        self.connection = nil
        if case .terminated = waiting.yield(connection) {
            // It comes after the last that is served. Nobody behind hears that it was active, and so expects it to be served.
            context.close(promise: nil)
        } else {
            context.fireChannelActive()
        }
    }
}
