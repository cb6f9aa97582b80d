// What a program that the service manager starts finds of its sockets: a line for the tests.
import Glibc
import Systemd

do throws(SystemdError) {
    if let socket = try PassedSocket.ofProcess() {
        let isClosedOnExec = fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0
        print("\(socket.descriptor) \(socket.name)\(isClosedOnExec ? ", closed on exec" : "")")
    } else {
        print("none")
    }
} catch {
    print(error)
}
