import Synchronization

/// Messages for one reader, which takes all that there are at once.
final class Mailbox<Message: Sendable>: Sendable {
    /// One signal says that there is something, however much.
    let arrivals: AsyncStream<Void>

    private let arrival: AsyncStream<Void>.Continuation
    private let messages = Mutex<[Message]>([])

    init() {
        (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func put(_ message: Message) {
        messages.withLock { $0.append(message) }
        arrival.yield()
    }

    /// What was put since the last time, in that order.
    func takeAll() -> [Message] {
        messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}
