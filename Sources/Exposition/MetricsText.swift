package import CivilTime

/// Text that Prometheus reads (exposition format 0.0.4).
package struct MetricsText {
    /// What a metric is.
    package enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    /// The name and value of labels, in the order in which they are written.
    package typealias Labels = [(name: String, value: String)]

    /// What was written so far.
    package private(set) var text = ""
    private var name = ""

    /// An empty text.
    package init() {}

    /// Begins a metric; its samples follow.
    package mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// A whole number.
    package mutating func add(_ labels: Labels = [], _ value: Int) {
        add("", labels, String(value))
    }

    /// An instant in seconds since 1970, 0 for nil: an alert must not depend on what is absent.
    package mutating func add(_ labels: Labels = [], at instant: Instant?) {
        add("", labels, instant.map(Self.text) ?? "0")
    }

    /// A duration in seconds.
    package mutating func add(_ labels: Labels = [], _ duration: Duration) {
        add("", labels, (duration / .seconds(1)).description)
    }

    /// The buckets, the sum and the number of a histogram.
    mutating func add(_ labels: Labels = [], _ histogram: Histogram) {
        var total = 0
        for (bound, count) in zip(histogram.bounds.map(\.description) + ["+Inf"], histogram.counts) {
            total += count
            add("_bucket", labels + [("le", bound)], String(total))
        }
        add("_sum", labels, histogram.sum.description)
        add("_count", labels, String(total))
    }

    private mutating func add(_ suffix: String, _ labels: Labels, _ value: String) {
        text += name + suffix
        if !labels.isEmpty {
            text += "{"
            for (index, label) in labels.enumerated() {
                text += (index == 0 ? "" : ",") + label.name + "=\""
                Self.write(label.value, to: &text)
                text += "\""
            }
            text += "}"
        }
        text += " " + value + "\n"
    }

    private static func write(_ value: String, to text: inout String) {
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    private static func text(_ instant: Instant) -> String {
        let (seconds, fraction) = (instant.seconds, instant - Instant(seconds: instant.seconds))
        guard fraction > .zero else { return String(seconds) }
        let digits = String(fraction.wholeMicroseconds)
        return "\(seconds)." + String(repeating: "0", count: 6 - digits.count) + digits
    }
}
