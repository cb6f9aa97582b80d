import Synchronization

/// What others wait for to happen once, and what was said of it last.
final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let lastStatus = Mutex("")

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    var status: String { lastStatus.withLock { $0 } }

    func open(_ status: String) {
        lastStatus.withLock { $0 = status }
        continuation.finish()
    }

    func opened() async {
        for await _ in stream {}
    }
}
