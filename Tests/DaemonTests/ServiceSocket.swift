import Glibc
import Testing

/// A datagram socket in the place of the service manager's.
final class ServiceSocket {
    private let descriptor: Int32
    private(set) var messages: [String] = []

    /// Listens at `path`, which `NOTIFY_SOCKET` is to name.
    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
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
    }

    deinit { close(descriptor) }

    /// Whether a line was sent, such as `READY=1`.
    func received(_ line: String) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 8192)
        while case let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)), count >= 0 {
            messages.append(String(decoding: buffer[..<count], as: UTF8.self))
        }
        return messages.contains { $0.split(separator: "\n").contains { $0 == line } }
    }
}
