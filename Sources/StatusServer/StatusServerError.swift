/// Why the status server cannot listen.
package struct StatusServerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What keeps the server from the address.
    package enum Reason: Equatable, Sendable {
        /// Neither `HOST:PORT` nor `unix:/PATH`.
        case malformedAddress
        /// The port is not a number from 0 to 65535.
        case invalidPort
        /// The address can be reached from other machines.
        case notLoopback
        /// The path of the socket is not absolute.
        case relativePath
        /// The path of the socket has more bytes than the system takes.
        case pathTooLong
        /// Something else is answering there.
        case inUse
        /// There is a file at the path that is not a socket.
        case notSocket
        /// The system refused, for this reason.
        case system(String)
    }

    /// The address as it was written.
    package let address: String
    /// What keeps the server from it.
    package let reason: Reason

    /// The reason why `address` cannot be listened on.
    package init(address: String, reason: Reason) {
        self.address = address
        self.reason = reason
    }

    /// What and why, in one sentence without a full stop.
    package var description: String {
        switch reason {
        case .malformedAddress: "“\(address)” is not an address to listen on"
        case .invalidPort: "the port of “\(address)” is not a number from 0 to 65535"
        case .notLoopback: "“\(address)” is not a loopback address"
        case .relativePath: "the path of “\(address)” is not absolute"
        case .pathTooLong: "the path of “\(address)” is longer than \(Limits.socketPathBytesMax) bytes"
        case .inUse: "cannot listen on \(address): another process is listening there"
        case .notSocket: "cannot listen on \(address): a file that is not a socket is there"
        case .system(let text): "cannot listen on \(address): \(text)"
        }
    }

    /// What to do about it.
    package var hint: String {
        switch reason {
        case .malformedAddress, .invalidPort, .relativePath:
            "write it as 127.0.0.1:8787, [::1]:8787 or unix:/run/almanac/status"
        case .notLoopback:
            "health needs no password, so only this host may ask: use 127.0.0.1, and a proxy for others"
        case .pathTooLong: "use a short path, as unix:/run/almanac/status"
        case .inUse: "stop the other one, or choose another address"
        case .notSocket: "move the file away, or choose another path"
        case .system: "choose another address"
        }
    }
}
