package import CivilTime

/// Text that Prometheus reads (exposition format 0.0.4).
package struct MetricsText {
    /// What a metric is.
    package enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    /// Labels as they are written, which many samples share.
    package struct Labels: Sendable {
        fileprivate var bytes: [UInt8] = []

        /// No label.
        package init() {}

        fileprivate mutating func add(_ name: String, _ value: String) {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes += name.utf8
            bytes += [UInt8(ascii: "="), UInt8(ascii: "\"")]
            for byte in value.utf8 {
                switch byte {
                case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), byte]
                case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
                default: bytes.append(byte)
                }
            }
            bytes.append(UInt8(ascii: "\""))
        }
    }

    // Bytes rather than characters: a thousand jobs have 45,000 samples.
    /// What was written so far, in UTF-8.
    package private(set) var bytes: [UInt8] = []
    private var name: [UInt8] = []

    /// An empty text.
    package init() {
        bytes.reserveCapacity(1 << 16)
    }

    /// Begins a metric; its samples follow.
    package mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        self.name = Array(name.utf8)
        bytes += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n".utf8
    }

    /// A whole number.
    package mutating func add(_ labels: Labels, _ value: Int) {
        add(labels, Labels(), value)
    }

    /// A whole number; of the labels `more` come last.
    package mutating func add(_ labels: Labels, _ more: Labels, _ value: Int) {
        begin(labels, more)
        append(value)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// An instant in seconds since 1970, 0 for nil: an alert must not depend on what is absent.
    package mutating func add(_ labels: Labels = Labels(), at instant: Instant?) {
        begin(labels)
        let instant = instant ?? Instant(seconds: 0)
        let whole = Instant(seconds: instant.seconds)
        append(Int(instant.seconds))
        if instant > whole {
            let digits = String((instant - whole).wholeMicroseconds)
            bytes.append(UInt8(ascii: "."))
            bytes += repeatElement(UInt8(ascii: "0"), count: 6 - digits.count)
            bytes += digits.utf8
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// A duration in seconds.
    package mutating func add(_ labels: Labels = Labels(), _ duration: Duration) {
        add("", labels, (duration / .seconds(1)).description)
    }

    /// The buckets, the sum and the number of a histogram.
    mutating func add(_ labels: Labels = Labels(), _ histogram: Histogram) {
        var total = 0
        for (bound, count) in zip(histogram.boundLabels, histogram.counts) {
            total += count
            begin(labels, bound, suffix: "_bucket")
            append(total)
            bytes.append(UInt8(ascii: "\n"))
        }
        add("_sum", labels, histogram.sum == 0 ? "0" : histogram.sum.description)
        add("_count", labels, String(total))
    }

    private mutating func add(_ suffix: String, _ labels: Labels, _ value: String) {
        begin(labels, suffix: suffix)
        bytes += value.utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Everything of a sample before its value.
    private mutating func begin(_ labels: Labels, _ more: Labels = Labels(), suffix: String = "") {
        bytes += name
        bytes += suffix.utf8
        if !labels.bytes.isEmpty || !more.bytes.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            bytes += labels.bytes
            if !labels.bytes.isEmpty, !more.bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes += more.bytes
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
    }

    private mutating func append(_ value: Int) {
        if 0...9 ~= value {
            bytes.append(UInt8(ascii: "0") + UInt8(value))
        } else {
            bytes += String(value).utf8
        }
    }
}

extension MetricsText.Labels: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { add(name, value) }
    }
}
