/// A length of time as a task file states it (xs:duration of XML Schema), never negative.
package struct TaskDuration: Sendable, Hashable {
    /// Years and months, 12 months a year; their length depends on where they begin.
    package var months: Int
    /// The part of fixed length: days of 24 hours, hours, minutes and seconds.
    package var fixed: Duration

    package init(months: Int = 0, fixed: Duration) {
        self.months = months
        self.fixed = fixed
    }

    /// The duration with months taken for 30 days each, for limits, where it does not matter.
    package var approximate: Duration { fixed + .seconds(months * 30 * 86400) }

    /// The duration spelt `text`, as in `PT10M`, `P1DT12H` or `P1Y2M3DT4H5M6.5S`; nil when it is not one, is
    /// negative, or longer than 1000 years.
    package init?(_ text: String) {
        var scalars = Substring(text)
        guard scalars.first == "P" else { return nil }
        scalars.removeFirst()
        var isTime = false
        var rank = 0
        var months = 0
        var total = Duration.zero
        var count = 0
        while let next = scalars.first {
            if next == "T" {
                guard !isTime else { return nil }
                isTime = true
                rank = 3
                scalars.removeFirst()
                guard !scalars.isEmpty else { return nil }
                continue
            }
            guard let number = Self.number(&scalars), let unit = scalars.popFirst() else { return nil }
            let units = isTime ? ["", "", "", "H", "M", "S"] : ["Y", "M", "D"]
            guard let place = units.firstIndex(of: String(unit)), place >= rank else { return nil }
            guard number.fraction == .zero || unit == "S" else { return nil }
            rank = place + 1
            count += 1
            switch (isTime, unit) {
            case (false, "Y"): months += number.whole * 12
            case (false, "M"): months += number.whole
            case (false, _): total += .seconds(number.whole * 86400)
            case (true, "H"): total += .seconds(number.whole * 3600)
            case (true, "M"): total += .seconds(number.whole * 60)
            case (true, _): total += .seconds(number.whole) + number.fraction
            }
        }
        guard count > 0, total <= .seconds(1000 * 366 * 86400), months <= 12_000 else { return nil }
        self.init(months: months, fixed: total)
    }

    /// A run of at most 11 digits, and a fraction in microseconds; more digits of it are cut off.
    private static func number(_ text: inout Substring) -> (whole: Int, fraction: Duration)? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard let whole = Int(digits), digits.utf8.count <= 11 else { return nil }
        text.removeFirst(digits.count)
        guard text.first == "." else { return (whole, .zero) }
        text.removeFirst()
        let fraction = text.prefix { ("0"..."9").contains($0) }
        guard !fraction.isEmpty else { return nil }
        text.removeFirst(fraction.count)
        let micros = Int((fraction.prefix(6) + String(repeating: "0", count: 6)).prefix(6)) ?? 0
        return (whole, .microseconds(micros))
    }
}

extension Duration {
    /// The duration as xs:duration in whole seconds, as in `PT10M` or `P1DT2H`; `PT0S` for none.
    var xmlText: String {
        var seconds = components.seconds
        let days = seconds / 86400
        seconds %= 86400
        let parts = [(seconds / 3600, "H"), (seconds / 60 % 60, "M"), (seconds % 60, "S")]
        let time = parts.map { $0.0 == 0 ? "" : "\($0.0)\($0.1)" }.joined()
        let date = days == 0 ? "" : "\(days)D"
        if date.isEmpty && time.isEmpty { return "PT0S" }
        return "P" + date + (time.isEmpty ? "" : "T" + time)
    }
}
