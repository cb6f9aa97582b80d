// What a program that the service manager starts finds of its sockets: lines for the tests.
import Glibc
import Systemd

do throws(SystemdError) {
    let sockets = try PassedSocket.ofProcess()
    for socket in sockets {
        let isClosedOnExec = fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0
        let path = socket.path.map { " at \($0)" } ?? ""
        print("\(socket.descriptor) \(socket.name)\(path)\(isClosedOnExec ? ", closed on exec" : "")")
    }
    if sockets.isEmpty { print("none") }
} catch {
    print(error)
}
