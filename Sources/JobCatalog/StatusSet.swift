/// A set of HTTP statuses, written `200,204`, `200-299` or `2xx`.
package struct StatusSet: Sendable, Hashable, CustomStringConvertible {
    private let ranges: [ClosedRange<Int>]

    /// No status.
    package static let none = StatusSet(ranges: [])
    /// Every 2xx status.
    package static let successful = StatusSet(ranges: [200...299])

    private init(ranges: [ClosedRange<Int>]) {
        self.ranges = ranges
    }

    /// The set spelt `text`, or nil when a member is not a status between 100 and 599.
    package init?(_ text: String) {
        var ranges: [ClosedRange<Int>] = []
        guard text.utf8.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "+") }) else { return nil }
        for member in text.split(separator: ",", omittingEmptySubsequences: false) {
            if member.count == 3, member.hasSuffix("xx"), let hundreds = member.first?.wholeNumberValue,
                (1...5).contains(hundreds)
            {
                ranges.append(hundreds * 100...hundreds * 100 + 99)
                continue
            }
            let bounds = member.split(separator: "-", omittingEmptySubsequences: false).map {
                $0.count == 3 ? Int($0) : nil
            }
            guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, bounds.count <= 2,
                100 <= first,
                first <= last, last <= 599
            else { return nil }
            ranges.append(first...last)
        }
        self.init(ranges: Self.merged(ranges))
    }

    /// The same statuses as ranges that neither touch nor overlap, in order, so that equal sets are equal values.
    private static func merged(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        var merged: [ClosedRange<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    /// Whether `status` is in the set.
    package func contains(_ status: Int) -> Bool {
        ranges.contains { $0.contains(status) }
    }

    /// Whether both sets hold a same status.
    package func overlaps(_ other: StatusSet) -> Bool {
        ranges.contains { range in other.ranges.contains { $0.overlaps(range) } }
    }

    package var description: String {
        ranges.map {
            $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        .joined(separator: ",")
    }
}
