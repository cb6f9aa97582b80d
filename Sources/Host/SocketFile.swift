import Glibc

/// The file of a Unix socket.
package enum SocketFile {
    /// Whether this process may connect to the socket at `path`; also true when there is none, which connecting finds out.
    ///
    /// A connection needs the right to write, unix(7), and the way there the right to search.
    package static func isOpen(_ path: String) -> Bool {
        unsafe access(path, W_OK) == 0 || errno != EACCES
    }
}
