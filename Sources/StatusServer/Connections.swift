import Glibc
import NIOCore
import Synchronization

/// The connections of a server, of which none keeps others out: each step has its time, and when there are too many the one
/// that has waited longest makes room.
///
/// A timer that restarts with each byte sets no limit: a client that sends one byte a second would stay forever.
final class Connections: Sendable {
    /// What a connection is doing.
    enum Phase: Sendable {
        /// No byte of a request has come.
        case waiting
        /// A request has begun, and is not whole.
        case reading
        /// The answer is on its way to who asked.
        case writing
        /// The answer is being made, which may take a while.
        case answering
    }

    /// How long each phase may last, and how many connections there may be.
    struct Bounds: Sendable {
        var phase: TimeAmount = Limits.idleTimeout
        var connections = Limits.connectionsMax
    }

    private struct Entry {
        var channel: any Channel
        var phase = Phase.waiting
        /// Orders them by when their phase began.
        var number: UInt64
        var timer: Scheduled<Void>?
        /// Whether its request is of HTTP/1.0, which says nothing of keeping a connection.
        var isOld = false
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var number: UInt64 = 0
    }

    private let bounds: Bounds
    private let state = Mutex(State())

    init(_ bounds: Bounds = Bounds()) {
        self.bounds = bounds
    }

    /// Takes a connection that was accepted; of too many one is closed, this one if all others are being answered.
    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let closed: (any Channel)? = state.withLock { state in
            state.number += 1
            state.entries[id] = Entry(channel: channel, number: state.number)
            guard state.entries.count > bounds.connections else { return nil }
            let victim = state.entries.filter { $0.value.phase != .answering && $0.key != id }
                .min { $0.value.number < $1.value.number }
            guard let victim else {
                state.entries[id] = nil
                return channel
            }
            state.entries[victim.key] = nil
            return victim.value.channel
        }
        closed?.close(promise: nil)
        channel.closeFuture.whenComplete { [weak self] _ in self?.remove(id) }
        set(.waiting, of: channel)
    }

    /// Says what a connection is doing now.
    func set(_ phase: Phase, of channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let timer =
            phase == .answering
            ? nil : channel.eventLoop.scheduleTask(in: bounds.phase) { channel.close(promise: nil) }
        let before: Scheduled<Void>? = state.withLock { state in
            guard var entry = state.entries[id] else { return timer }
            defer { state.entries[id] = entry }
            state.number += 1
            (entry.phase, entry.number) = (phase, state.number)
            if phase == .waiting { entry.isOld = false }
            defer { entry.timer = timer }
            return entry.timer
        }
        before?.cancel()
    }

    /// The first bytes of a request have come.
    fileprivate func began(_ channel: any Channel, isOld: Bool) {
        let id = ObjectIdentifier(channel)
        let isNew = state.withLock { state in
            guard state.entries[id]?.phase == .waiting else { return false }
            state.entries[id]?.isOld = isOld
            return true
        }
        if isNew { set(.reading, of: channel) }
    }

    /// Whether a connection ends after its answer, as those of HTTP/1.0 do.
    func endsAfterAnswer(_ channel: any Channel) -> Bool {
        state.withLock { $0.entries[ObjectIdentifier(channel)]?.isOld ?? false }
    }

    private func remove(_ id: ObjectIdentifier) {
        let timer = state.withLock { $0.entries.removeValue(forKey: id)?.timer }
        timer?.cancel()
    }
}

/// Notices the first bytes of each request of a connection.
final class RequestBeginning: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connections: Connections

    init(_ connections: Connections) {
        self.connections = connections
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let line = unwrapInboundIn(data).readableBytesView.prefix(Limits.headerBytesMax).prefix { $0 != 0x0a }
        let isOld = line.reversed().drop { $0 == 0x0d }.starts(with: " HTTP/1.0".utf8.reversed())
        connections.began(context.channel, isOld: isOld)
        context.fireChannelRead(data)
    }
}
