/// How many durations fell below each of some bounds, as Prometheus counts them.
package struct Histogram: Sendable {
    /// In seconds, ascending; beyond the last is one more bucket.
    package let bounds: [Double]
    /// As they are written, with that of the last bucket.
    let boundLabels: [MetricsText.Labels]
    /// Of each bucket alone; they are added up when they are shown.
    private(set) var counts: [Int]
    private(set) var sum: Double = 0

    /// A histogram without a value.
    package init(_ bounds: [Double]) {
        self.bounds = bounds
        boundLabels = (bounds.map(\.description) + ["+Inf"]).map { ["le": $0] }
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// How many values there are.
    var count: Int { counts.reduce(0, +) }

    /// Counts a duration; one below zero, by a clock that was set back, counts as zero.
    package mutating func add(_ duration: Duration) {
        let seconds = max(duration / .seconds(1), 0)
        counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count] += 1
        sum += seconds
    }
}
