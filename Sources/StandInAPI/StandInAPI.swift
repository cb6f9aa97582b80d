import Listener
import NIOCore
import NIOHTTP1
import NIOPosix

/// A stand-in for the co-hosted API: an HTTP server on loopback with the two job endpoints and those that are asked
/// before a launch, which misbehaves when it is told to.
///
/// It also answers for itself: `GET /requests` lists what arrived, with the token masked;
/// `POST /misbehave?kind=…&count=n` plans a misbehaviour (`Misbehaviour.init(query:)`), `POST /behave` ends all of
/// them, and `POST /release` answers the requests that are held. These are neither listed nor misbehaved to, except
/// that a connection that is reset before its request is read may be any. `POST /deployment?cors=wildcard` changes how
/// the API is deployed (`StandInDeployment`), without a switch back to how it was at the start, and `GET /deployment`
/// lists the switches.
package final class StandInAPI: Sendable {
    /// The port that it listens on.
    package let port: Int
    private let listener: any Channel
    private let ledger: Ledger
    private let group: MultiThreadedEventLoopGroup
    private let serving: Task<Void, Never>

    private init(
        listener: any Channel, port: Int, ledger: Ledger, group: MultiThreadedEventLoopGroup,
        serving: Task<Void, Never>
    ) {
        self.listener = listener
        self.port = port
        self.ledger = ledger
        self.group = group
        self.serving = serving
    }

    /// `http://127.0.0.1:PORT`.
    package var url: String { "http://127.0.0.1:\(port)" }

    /// Listens on 127.0.0.1; port 0 takes a free one.
    package static func start(port: Int = 0, _ settings: StandInSettings = StandInSettings()) async throws
        -> StandInAPI
    {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let listener: Listener<Connection.Channel>
        do {
            let bootstrap = ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 256)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            listener = try await Listener(bootstrap) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let decoder = ByteToMessageHandler(
                        HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes))
                    try channel.pipeline.syncOperations.addHandler(decoder)
                    return try Connection.Channel(wrappingChannelSynchronously: channel)
                }
            } bind: { bootstrap in
                try await bootstrap.bind(host: "127.0.0.1", port: port).get()
            }
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        let ledger = Ledger(settings.deployment)
        let endpoints = Endpoints(settings: settings)
        // The one unstructured task: the server outlives the call that starts it, until `stop`.
        let serving = Task {
            // A connection's error is the misbehaviour that was asked for.
            await listener.serve { await Connection(channel: $0, endpoints: endpoints, ledger: ledger).run() }
        }
        return StandInAPI(
            listener: listener.channel, port: listener.channel.localAddress?.port ?? port, ledger: ledger,
            group: group, serving: serving)
    }

    /// What arrived so far, answered or not; calls of the stand-in's own endpoints are left out.
    package func requests() -> [ReceivedRequest] { ledger.requests }

    /// Returns once `count` requests have arrived since the start.
    package func waitForRequests(_ count: Int) async { await ledger.waitForRequests(count) }

    /// Misbehaves to the next `count` requests, behind what is planned already, or to all that come when it
    /// is nil.
    package func misbehave(_ misbehaviour: Misbehaviour, count: Int? = nil) {
        ledger.plan(misbehaviour, count: count)
    }

    /// How many requests wait to be released, also of clients that have gone meanwhile.
    package var heldCount: Int { ledger.heldCount }

    /// Answers the requests that are held.
    package func release() { ledger.release() }

    /// Forgets every misbehaviour that is planned.
    package func behave() { ledger.behave() }

    /// Closes every connection and the listener.
    package func stop() async throws {
        try? await listener.close()  // It may be closed already.
        await serving.value
        try await group.shutdownGracefully()
    }
}
