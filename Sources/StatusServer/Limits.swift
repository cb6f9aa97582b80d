package import struct NIOCore.TimeAmount

/// The bounds of the status server: it answers a few small questions of programs on the same host.
package enum Limits {
    /// Connections at once; of more, the one that has waited longest for its client is closed. A monitor, a reverse proxy, the
    /// API's workers and people need some.
    package static let connectionsMax = 64
    /// How long a connection may be idle, take for a whole request, or for an answer to be taken: those who keep many open, as
    /// pools of clients do, must not keep others from asking for health.
    package static let idleTimeout: TimeAmount = .seconds(5)
    /// The longest line of a request's head in bytes.
    package static let headerBytesMax = 8 * 1024
    /// The longest head of a request in bytes.
    package static let headBytesMax = 16 * 1024
    /// The most header lines of a request.
    package static let headersMax = 64
    /// The longest path of a local socket in bytes: what fits in `sun_path` with its end (unix(7)).
    package static let socketPathBytesMax = 107
    /// The longest body of a request in bytes; what a request says takes some hundred.
    package static let bodyBytesMax = 64 * 1024
}
