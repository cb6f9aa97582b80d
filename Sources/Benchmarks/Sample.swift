/// Values of one quantity, measured several times.
struct Sample {
    private var values: [Double] = []

    init(_ values: [Double] = []) {
        self.values = values
    }

    var count: Int { values.count }

    mutating func add(_ value: Double) {
        values.append(value)
    }

    mutating func add(_ value: Duration, in unit: Duration) {
        add(value / unit)
    }

    /// The value below which `share` of the values lie, by the nearest rank.
    func quantile(_ share: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }

    /// `median (least–most)`, as `2.1 (1.9–3.2)`.
    func text(_ decimals: Int = 0) -> String {
        guard let least = values.min(), let most = values.max() else { return "-" }
        func shown(_ number: Double) -> String { Terminal.decimal(number, decimals) }
        return "\(shown(quantile(0.5))) (\(shown(least))–\(shown(most)))"
    }
}
