import Glibc
import TestFiles
import Testing

/// A datagram socket in the place of the service manager's.
final class DatagramSocket {
    /// How `NOTIFY_SOCKET` spells its address.
    let address: String
    private let descriptor: Int32
    private let directory: TemporaryDirectory?

    /// A socket with an abstract name, or one in a folder of its own.
    init(isAbstract: Bool) throws {
        var bytes: [UInt8]
        if isAbstract {
            directory = nil
            address = "@almanac-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
            bytes = [0] + address.utf8.dropFirst()
        } else {
            let directory = try TemporaryDirectory()
            self.directory = directory
            address = directory.path + "/notify"
            bytes = address.utf8 + [0]
        }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        try #require(descriptor >= 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        try #require(bytes.count <= MemoryLayout.size(ofValue: name.sun_path))
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + bytes.count)
        let answer = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(answer == 0, "bind: \(String(cString: strerror(errno)))")
    }

    deinit {
        close(descriptor)
        directory?.remove()
    }

    /// The next message, or nil when none has come: a local datagram has arrived when its sender returns.
    func next() -> String? {
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
}
