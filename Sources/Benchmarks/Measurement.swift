/// Times code on a machine that does other things, too: of several rounds the quickest counts.
enum Measurement {
    private static let rounds = 7

    /// Nanoseconds for one of the `count` steps of `body`.
    static func nanoseconds(steps count: Int, _ body: () -> Void) -> Double {
        let clock = ContinuousClock()
        let best = (0..<rounds).map { _ in clock.measure(body) }.min() ?? .zero
        let (seconds, attoseconds) = best.components
        return (Double(seconds) * 1e9 + Double(attoseconds) / 1e9) / Double(count)
    }

    /// Keeps the optimizer from dropping work whose result nobody reads.
    @inline(never)
    static func use(_ value: Int64) {
        sink &+= value
    }

    nonisolated(unsafe) private static var sink: Int64 = 0
}
