import Dispatch
import Glibc

/// Turns SIGTERM and SIGINT into the end of a wait.
struct EndSignals {
    private let arrivals: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]

    /// Takes the signals over from the process; they wait for `next`.
    init() {
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        self.arrivals = arrivals
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { arrival.yield() }
            source.activate()
            return source
        }
    }

    /// Returns at the first of the signals.
    func next() async {
        for await _ in arrivals { return }
    }
}
