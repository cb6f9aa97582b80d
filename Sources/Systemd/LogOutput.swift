import Glibc
import Synchronization

/// An open file to which lines of a log go.
///
/// Nobody may be reading: a pipe whose reader hangs must not keep a scheduler from its work. When a line finds no room for a
/// second it is lost, as are those after it until there is room; then a line says how many.
final class LogOutput: Sendable {
    private let descriptor: Int32
    /// Lines that were lost since the last one that was written.
    private let lost = Mutex(0)

    /// How long a line waits for room, once.
    private static let patience: Int32 = 1000

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Writes a line whole, so that the lines of several threads do not mix. One that cannot be written is lost: there is no
    /// other place to say so.
    func write(_ line: String) {
        lost.withLock { lost in
            if lost > 0 {
                let note = "… \(lost) lines of the log are lost: nobody read it\n"
                guard hasRoom(for: 0), put(note) else {
                    lost += 1
                    return
                }
                lost = 0
            }
            if !put(line + "\n") { lost += 1 }
        }
    }

    /// Whether all of a text was written; each part of it is small enough for a pipe to take at once.
    private func put(_ text: String) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            guard hasRoom(for: Self.patience) else { return false }
            let count = unsafe bytes.prefix(Int(PIPE_BUF)).withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            // A file that takes nothing more, as on a full disk, counts nothing either.
            guard count > 0 else { return true }
            bytes = bytes.dropFirst(count)
        }
        return true
    }

    private func hasRoom(for milliseconds: Int32) -> Bool {
        var file = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        var answer: Int32
        repeat { answer = unsafe poll(&file, 1, milliseconds) } while answer < 0 && errno == EINTR
        return answer != 0
    }
}
