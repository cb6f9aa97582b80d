/// A set of the years 1970 to 2199, one bit each.
struct YearSet: Hashable, Sendable {
    private var words0: UInt64 = 0
    private var words1: UInt64 = 0
    private var words2: UInt64 = 0
    private var words3: UInt64 = 0

    static let all: YearSet = {
        var set = YearSet()
        for year in CronLimits.years { set.insert(year) }
        return set
    }()

    private subscript(word index: Int) -> UInt64 {
        get {
            switch index {
            case 0: words0
            case 1: words1
            case 2: words2
            default: words3
            }
        }
        set {
            switch index {
            case 0: words0 = newValue
            case 1: words1 = newValue
            case 2: words2 = newValue
            default: words3 = newValue
            }
        }
    }

    /// Adds a year of `CronLimits.years`.
    mutating func insert(_ year: Int) {
        let bit = year - CronLimits.years.lowerBound
        self[word: bit >> 6] |= 1 << UInt64(bit & 63)
    }

    @inline(__always)
    func contains(_ year: Int) -> Bool {
        let bit = year - CronLimits.years.lowerBound
        guard bit >= 0, bit < 256 else { return false }
        return self[word: bit &>> 6] &>> UInt64(bit & 63) & 1 != 0
    }

    /// The first year of the set from `year` on.
    func first(from year: Int) -> Int? {
        let bit = max(year - CronLimits.years.lowerBound, 0)
        guard bit < 256 else { return nil }
        var index = bit >> 6
        var word = self[word: index] & (~0 &<< UInt64(bit & 63))
        while word == 0 {
            index += 1
            if index == 4 { return nil }
            word = self[word: index]
        }
        return CronLimits.years.lowerBound + index << 6 + word.trailingZeroBitCount
    }

    /// The last year of the set up to `year`.
    func last(to year: Int) -> Int? {
        let bit = min(year - CronLimits.years.lowerBound, 255)
        guard bit >= 0 else { return nil }
        var index = bit >> 6
        var word = self[word: index] & (~0 &>> UInt64(63 - bit & 63))
        while word == 0 {
            index -= 1
            if index < 0 { return nil }
            word = self[word: index]
        }
        return CronLimits.years.lowerBound + index << 6 + 63 - word.leadingZeroBitCount
    }

    /// The years in ascending order.
    var values: [Int] {
        CronLimits.years.filter(contains)
    }
}
