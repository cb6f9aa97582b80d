import Dispatch
import Glibc
import Synchronization
import Testing

/// A datagram socket in the place of the service manager's, which reads at once what is sent: a daemon whose messages
/// nobody reads waits for its reader.
final class ServiceSocket {
    private let inbox: Inbox
    private let source: any DispatchSourceRead

    /// What has come, shared with whoever is told that more is there.
    private final class Inbox: Sendable {
        let descriptor: Int32
        private let messages = Mutex<[String]>([])

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        /// Reads what is there, and answers all that has come so far: a local datagram has when its sender goes on.
        @discardableResult
        func read() -> [String] {
            messages.withLock { messages in
                var buffer = [UInt8](repeating: 0, count: 8192)
                while case let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)),
                    count >= 0
                {
                    messages.append(String(decoding: buffer[..<count], as: UTF8.self))
                }
                return messages
            }
        }
    }

    /// Listens at `path`, which `NOTIFY_SOCKET` is to name.
    init(path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        try #require(bytes.count < MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        try #require(code == 0, "bind: \(String(cString: strerror(errno)))")
        let inbox = Inbox(descriptor)
        self.inbox = inbox
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
        source.setEventHandler { inbox.read() }
        source.setCancelHandler { close(descriptor) }
        source.activate()
    }

    deinit { source.cancel() }

    /// What was sent so far, in order.
    var messages: [String] { inbox.read() }

    /// Whether a line was sent, such as `READY=1`.
    func received(_ line: String) -> Bool {
        messages.contains { $0.split(separator: "\n").contains { $0 == line } }
    }
}
