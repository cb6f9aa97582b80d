import CLibsystemd
import Glibc

/// A listening stream socket that the service manager opened and passed (sd_listen_fds(3)).
package struct PassedSocket: Sendable, Equatable {
    /// The descriptor, closed on exec; whoever adopts the socket owns it, and must not shut it down for the
    /// manager.
    package let descriptor: Int32
    /// `FileDescriptorName=` of the socket unit, or the unit's name.
    package let name: String

    /// The socket `descriptor`, named `name`.
    package init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// The path at which a local socket listens; nil for any other.
    package var path: String? {
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isKnown = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isKnown, address.sun_family == sa_family_t(AF_UNIX) else { return nil }
        let path = unsafe withUnsafeBytes(of: address.sun_path) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return path.isEmpty ? nil : path
    }

    /// The sockets passed to this process, in their order.
    ///
    /// More than the service listens on, or one that is not a listening stream socket, is an error: nobody would ever answer
    /// there. The variables stay set, since unsetting them is a race with every reader of the environment;
    /// they name this process by its identifier, so a child does not take them for its own.
    package static func ofProcess() throws(SystemdError) -> [PassedSocket] {
        let names = try descriptorNames()
        guard names.count <= Limits.socketsMax else {
            throw SystemdError(
                subject: names.prefix(Limits.socketsNamedMax).joined(separator: ", "),
                reason: .tooManySockets(count: names.count))
        }
        return try names.enumerated().map { index, name throws(SystemdError) in
            let descriptor = firstPassedDescriptor + Int32(index)
            guard sd_is_socket(descriptor, AF_UNSPEC, Int32(SOCK_STREAM.rawValue), 1) > 0 else {
                throw SystemdError(subject: "the passed descriptor “\(name)”", reason: .notListeningSocket)
            }
            return PassedSocket(descriptor: descriptor, name: name)
        }
    }

    /// SD_LISTEN_FDS_START, a macro in C.
    private static let firstPassedDescriptor: Int32 = 3

    private static func descriptorNames() throws(SystemdError) -> [String] {
        var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = unsafe sd_listen_fds_with_names(0, &list)
        guard count >= 0 else { throw SystemdError(subject: "LISTEN_FDS", reason: .system(errno: -count)) }
        guard let list = unsafe list else { return [] }
        defer { unsafe free(list) }
        var names: [String] = []
        for index in 0..<Int(count) {
            guard let name = unsafe list[index] else { break }
            unsafe names.append(String(cString: name))
            unsafe free(name)
        }
        return names
    }
}
