import Glibc
import NIOCore
import NIOPosix

/// What a server that died leaves at the path of its local socket.
enum StaleSocket {
    /// Removes the socket at `path` when nobody listens on it any more; anything else that is there is an
    /// error.
    static func remove(at path: String, group: any EventLoopGroup) async throws {
        let address = ListenAddress.unix(path: path).description
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw StatusServerError(address: address, errno: errno) }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw StatusServerError(address: address, reason: .notSocket)
        }
        do {
            let channel = try await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get()
            // It answered; how the connection ends does not matter.
            channel.close(promise: nil)
            throw StatusServerError(address: address, reason: .inUse)
        } catch let error as IOError where error.errnoCode == ECONNREFUSED {
            guard unlink(path) == 0 || errno == ENOENT else {
                throw StatusServerError(address: address, errno: errno)
            }
        } catch let error as IOError {
            throw StatusServerError(address: address, errno: error.errnoCode)
        }
    }
}

extension StatusServerError {
    /// The reason that an error number (errno(3)) stands for.
    init(address: String, errno number: Int32) {
        self.init(
            address: address,
            reason: number == EADDRINUSE ? .inUse : .system(String(cString: strerror(number))))
    }
}
