import CivilTime

/// What is usual among some durations.
struct Usual: Equatable {
    /// Half of them are shorter.
    let median: Duration
    /// One in ten is shorter.
    let low: Duration
    /// One in ten is longer.
    let high: Duration

    /// The range in words, or the median alone where they are the same.
    var words: String {
        let (low, high, median) = (Self.text(low), Self.text(high), Self.text(median))
        return low == high ? median : "\(low) to \(high), median \(median)"
    }

    /// A duration, also one of a part of a millisecond.
    static func text(_ duration: Duration) -> String {
        let microseconds = duration.wholeMicroseconds
        switch microseconds {
        // A part of a millisecond matters to nobody but the scheduler itself, whose lateness it is.
        case ..<10_000: return "\(microseconds / 1000).\(microseconds / 100 % 10) ms"
        case ..<60_000_000: return ElapsedText.of(duration)
        default: return Times.span(duration)
        }
    }

    /// Nil when there are none.
    init?(_ durations: some Sequence<Duration>) {
        let sorted = durations.sorted()
        guard !sorted.isEmpty else { return nil }
        median = sorted[sorted.count / 2]
        low = sorted[sorted.count / 10]
        high = sorted[(sorted.count * 9) / 10]
    }
}

/// A scale on which a tenfold is as long everywhere, from a least to a greatest duration.
struct LogScale {
    private let least: Double
    private let range: Double

    /// The scale over these durations; one that does not stretch what hardly differs.
    init(_ durations: [Duration]) {
        let places = durations.map(Self.place)
        let (low, high) = (places.min() ?? 0, places.max() ?? 0)
        // A factor of four is the least that fills the scale.
        let slack = max(2 - (high - low), 0) / 2
        least = low - slack
        range = max(high - low, 2)
    }

    /// Where a duration is, from 0 to 1.
    func part(_ duration: Duration) -> Double {
        min(max((Self.place(duration) - least) / range, 0), 1)
    }

    /// The logarithm to base 2 of the microseconds, between powers as if it were straight, which the eye does not see.
    private static func place(_ duration: Duration) -> Double {
        let microseconds = Double(max(duration.wholeMicroseconds, 100))
        return Double(microseconds.exponent) + microseconds.significand - 1
    }
}

extension Int {
    /// The number as English readers write it: `10,000`.
    var grouped: String {
        var text = ""
        for (index, digit) in String(magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text = "," + text }
            text = String(digit) + text
        }
        return (self < 0 ? "-" : "") + text
    }
}
