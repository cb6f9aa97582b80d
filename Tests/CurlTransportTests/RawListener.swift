import Dispatch
import Glibc

/// A listening socket of this host that does nothing by itself: connections stand, and nobody answers.
final class RawListener: Sendable {
    let port: Int
    /// Where it listens in the file system, if it does.
    let path: String
    private let descriptor: Int32

    /// Listens on a free port; with `isListening` false it only keeps the port, so that whoever connects is refused.
    init(isListening: Bool = true) throws(SocketError) {
        path = ""
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = Self.listen(descriptor, &address, isListening: isListening)
        port = Int(UInt16(bigEndian: address.sin_port))
        if code != 0 { throw SocketError(code: errno) }
    }

    /// Listens on a socket of the file system, at a free path of the directory.
    init(directory: String) throws(SocketError) {
        path = "\(directory)/almanac-test-\(getpid())-\(UInt64.random(in: 0 ... .max)).socket"
        port = 0
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        if Self.listen(descriptor, &address) != 0 { throw SocketError(code: errno) }
    }

    private static func listen<Address>(
        _ descriptor: Int32, _ address: inout Address, isListening: Bool = true
    ) -> Int32 {
        var size = socklen_t(MemoryLayout<Address>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size) | (isListening ? Glibc.listen(descriptor, 16) : 0)
                    | getsockname(descriptor, pointer, &size)
            }
        }
    }

    deinit {
        close(descriptor)
        if !path.isEmpty { unlink(path) }
    }

    /// Takes a connection and waits for its first bytes, so that the other side is known to be waiting for an
    /// answer.
    func acceptAndRead() async -> Int32 {
        await withCheckedContinuation { continuation in
            // Not on a thread of the pool, on which the other side may have to run.
            DispatchQueue.global().async { [self] in
                let connection = accept(descriptor, nil, nil)
                var bytes = [UInt8](repeating: 0, count: 65_536)
                _ = recv(connection, &bytes, bytes.count, 0)
                continuation.resume(returning: connection)
            }
        }
    }

    /// Closes a connection with a reset.
    func reset(_ connection: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close(connection)
    }
}

struct SocketError: Error {
    var code: Int32
}
