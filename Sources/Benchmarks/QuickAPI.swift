import CLinux
import Glibc
import Synchronization

/// An API on loopback that answers every request at once, with 200, and notes when its first byte came.
///
/// It is there to cost next to nothing: one thread, `poll(2)`, no parsing. A request ends with its head, since the jobs
/// that are measured send no body. Not for more than some hundred connections at a time, which `poll` walks each time.
final class QuickAPI: Sendable {
    /// What arrived.
    struct Arrival {
        var at: WallTime
        /// Whether it is a request for `/floor`, which no daemon sends.
        var isFloor: Bool
    }

    let port: UInt16
    private let listener: CInt
    /// Both ends of a pipe; a byte ends the thread.
    private let stopping: [CInt]
    private let state = Mutex(State())

    private struct State {
        var arrivals: [Arrival] = []
        var thread: pthread_t?
    }

    /// Listens on a free port of 127.0.0.1, and starts the thread.
    init() throws(Trouble) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw .system("a socket") }
        var address = loopbackAddress(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withSocketAddress(&address) { pointer in
            bind(listener, pointer, size) == 0 && listen(listener, 4096) == 0
                && getsockname(listener, pointer, &size) == 0
                && fcntl(listener, F_SETFL, O_NONBLOCK) == 0
        }
        var ends: [CInt] = [-1, -1]
        guard isListening, pipe(&ends) == 0 else {
            let trouble = Trouble.system("the API")
            close(listener)
            throw trouble
        }
        self.listener = listener
        stopping = ends
        port = UInt16(bigEndian: address.sin_port)
        state.withLock { $0.arrivals.reserveCapacity(1 << 17) }
        try start()
    }

    private func start() throws(Trouble) {
        let context = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<QuickAPI>.fromOpaque(context).takeRetainedValue().serve()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw Trouble("no thread can be started for the API: error \(code)")
        }
        state.withLock { $0.thread = thread }
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// How many requests of daemons arrived.
    var count: Int { state.withLock { $0.arrivals.count { !$0.isFloor } } }

    /// When each request arrived, of daemons or of the floor, in the order of arrival.
    func arrivals(ofFloor isFloor: Bool = false) -> [WallTime] {
        state.withLock { $0.arrivals.filter { $0.isFloor == isFloor }.map(\.at) }
    }

    /// The processor time that its thread has used: what is measured beside it had that much less.
    var processorTime: Duration {
        var clock = clockid_t()
        var time = timespec()
        guard let thread = state.withLock({ $0.thread }), pthread_getcpuclockid(thread, &clock) == 0,
            clock_gettime(clock, &time) == 0
        else { return .zero }
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    /// Ends the thread and closes everything.
    func stop() {
        guard let thread = state.withLock({ $0.thread.take() }) else { return }
        _ = write(stopping[1], [1], 1)
        pthread_join(thread, nil)
        for descriptor in stopping + [listener] { close(descriptor) }
    }

    // MARK: The thread

    private func serve() {
        let events = Int16(POLLIN)
        var polled = [listener, stopping[0]].map { pollfd(fd: $0, events: events, revents: 0) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            if polled[1].revents != 0 { break }
            for index in polled.indices.dropFirst(2).reversed() where polled[index].revents != 0 {
                guard !answer(polled[index].fd, &buffer) else { continue }
                close(polled[index].fd)
                polled.swapAt(index, polled.count - 1)
                polled.removeLast()
            }
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                // The request is mostly there already.
                if answer(connection, &buffer) {
                    polled.append(pollfd(fd: connection, events: events, revents: 0))
                } else {
                    close(connection)
                }
            }
        }
        for connection in polled.dropFirst(2) { close(connection.fd) }
    }

    /// Reads what is there and answers it when it ends a request; false when the connection has ended.
    private func answer(_ connection: CInt, _ buffer: inout [UInt8]) -> Bool {
        let count = recv(connection, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        guard count > 0 else { return count < 0 && errno == EAGAIN }
        let at = WallTime.now
        let request = buffer[..<count]
        // What does not begin with a method is the rest of a head that came in parts.
        if request.starts(with: "POST ".utf8) {
            let isFloor = request.dropFirst(5).starts(with: "/floor".utf8)
            state.withLock { $0.arrivals.append(Arrival(at: at, isFloor: isFloor)) }
        }
        guard request.suffix(4).elementsEqual("\r\n\r\n".utf8) else { return true }
        return send(connection, Self.answer, Self.answer.count, Int32(MSG_NOSIGNAL)) > 0
    }

    private static let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8)
}

/// The address of a port on 127.0.0.1.
func loopbackAddress(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
}

/// Calls `body` with an address as the calls of sockets want it.
func withSocketAddress<Address, Result>(
    _ address: inout Address, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
) -> Result {
    withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
    }
}
