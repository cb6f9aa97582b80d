import CLinux
import Glibc

/// The terminal as a screen of its own, which gives the one before it back when it ends.
@safe
package final class TerminalScreen {
    private var before = termios()
    private var isTaken = false

    /// Takes the terminal of standard input and output; nil when they are not one.
    package init?() {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1,
            unsafe tcgetattr(STDIN_FILENO, &before) == 0
        else { return nil }
        var raw = before
        // Keys come at once and unseen, and an interrupt is a key, so that the terminal is always given back.
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        guard unsafe tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0 else { return nil }
        isTaken = true
        StandardStream.output.write("\u{1b}[?1049h\u{1b}[?25l")
    }

    deinit {
        guard isTaken else { return }
        StandardStream.output.write("\u{1b}[?25h\u{1b}[?1049l")
        var before = before
        _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &before)
    }

    /// Shows the text from the top, as far as it fits.
    package func show(_ text: String) {
        let rows = Int(CLinux_terminalRows(STDOUT_FILENO))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).prefix(rows > 0 ? rows : 24)
        // Each line ends what stood there before.
        StandardStream.output.write("\u{1b}[H" + lines.joined(separator: "\u{1b}[K\r\n") + "\u{1b}[K\u{1b}[J")
    }

    /// Waits for a key that ends it: `q`, Ctrl-C or Ctrl-D; false when the time is over first.
    package func isEnded(within time: Duration) -> Bool {
        let end = ContinuousClock.now + time
        while true {
            let left = max(.zero, ContinuousClock.now.duration(to: end)).components
            let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
            var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&input, 1, Int32(clamping: milliseconds))
            if ready == 0 { return false }
            guard ready > 0 else { continue }
            var key: UInt8 = 0
            let count = unsafe read(STDIN_FILENO, &key, 1)
            if count <= 0 || key == UInt8(ascii: "q") || key == 3 || key == 4 { return true }
        }
    }
}
