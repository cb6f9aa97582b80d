import CivilTime

extension CronExpression: CustomStringConvertible {
    /// The normal form: different spellings of the same fields have the same one, and parsing it gives the
    /// same expression again.
    ///
    /// It has five fields where that is enough, numbers instead of names, and what `H` and `~` have chosen.
    package var description: String {
        switch form {
        case .every(let seconds): "@every \(DurationText.compact(.seconds(seconds)))"
        case .fields(let fields): fields.normalForm
        }
    }
}

extension CronFields {
    /// The fields in their normal form.
    var normalForm: String {
        var parts: [String] = []
        let hasYears = years != .all
        if seconds != 1 || hasYears { parts.append(text(of: .second)) }
        parts.append(text(of: .minute))
        parts.append(text(of: .hour))
        parts.append(dayText)
        parts.append(text(of: .month))
        parts.append((isPlus ? "+" : "") + weekdayText)
        if hasYears {
            parts.append(NumberList.text(years.values, in: CronLimits.years, hasStar: hasStar(.year)))
        }
        return parts.joined(separator: " ")
    }

    func hasStar(_ field: CronField) -> Bool {
        stars.contains(StarSet(field))
    }

    /// The numbers of a field in ascending order.
    func values(of field: CronField) -> [Int] {
        field.stored.filter { self[field] >> UInt64($0) & 1 != 0 }
    }

    private func text(of field: CronField) -> String {
        // What most fields are, without a list: a catalog has many.
        let bits = self[field]
        if hasStar(field) {
            if bits == Self.full(field) { return "*" }
        } else if bits.nonzeroBitCount == 1 {
            return String(bits.trailingZeroBitCount)
        }
        return NumberList.text(values(of: field), in: field.stored, hasStar: hasStar(field))
    }

    private var dayText: String {
        if nearestWeekday != 0 {
            return nearestWeekday == Self.lastWeekday ? "LW" : "\(nearestWeekday)W"
        }
        var items = days == 0 ? [] : [text(of: .day)]
        for offset in 0...CronLimits.lastDayOffsets.upperBound where lastDays >> UInt32(offset) & 1 != 0 {
            items.append(offset == 0 ? "L" : "L-\(offset)")
        }
        return items.joined(separator: ",")
    }

    private var weekdayText: String {
        var items = weekdays == 0 ? [] : [text(of: .weekday)]
        for (weekday, number) in nthWeekdayList {
            items.append(number == 6 ? "\(weekday)L" : "\(weekday)#\(number)")
        }
        return items.joined(separator: ",")
    }

    /// The n-th weekdays in order; number 6 is the last one of the month.
    var nthWeekdayList: [(weekday: Int, number: Int)] {
        guard nthWeekdays != 0 else { return [] }
        return (0..<42).filter { nthWeekdays >> UInt64($0) & 1 != 0 }.map { ($0 / 6, $0 % 6 + 1) }
    }
}

/// Numbers written as the list of a field.
enum NumberList {
    /// The shortest usual text of ascending numbers; it begins with `*` exactly when `hasStar`.
    static func text(_ values: [Int], in range: ClosedRange<Int>, hasStar: Bool) -> String {
        guard hasStar else { return list(values) }
        // The text began with `*` or `*/n`: the smallest n whose numbers are all there says it, and a list
        // the rest.
        let isThere = Set(values)
        var step = 1
        while !stride(from: range.lowerBound, through: range.upperBound, by: step).allSatisfy(
            isThere.contains)
        {
            step += 1
        }
        let byStep = Set(stride(from: range.lowerBound, through: range.upperBound, by: step))
        let rest = values.filter { !byStep.contains($0) }
        let star = step == 1 ? "*" : "*/\(step)"
        return rest.isEmpty ? star : star + "," + list(rest)
    }

    /// Singles, ranges from three numbers on, and a stepped range when one says it all.
    private static func list(_ values: [Int]) -> String {
        if let step = commonStep(values), step > 1, values.count > 2 {
            return "\(values[0])-\(values[values.count - 1])/\(step)"
        }
        let items = EnglishList.neighbours(values).flatMap {
            $0.count > 2 ? ["\($0.lowerBound)-\($0.upperBound)"] : $0.map(String.init)
        }
        return items.joined(separator: ",")
    }

    /// The distance between neighbours, when it is the same everywhere.
    static func commonStep(_ values: [Int]) -> Int? {
        guard values.count > 1 else { return nil }
        let step = values[1] - values[0]
        return zip(values, values.dropFirst()).allSatisfy { $1 - $0 == step } ? step : nil
    }
}
