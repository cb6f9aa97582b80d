/// A date and time as a task file states it (xs:dateTime of XML Schema).
package struct TaskDateTime: Sendable, Hashable {
    /// What the date and time are counted against.
    package enum Zone: Sendable, Hashable {
        /// No suffix: the local time of the machine, its daylight saving rule included.
        case local
        /// `Z` (0) or `+hh:mm`: always this offset from UTC, in seconds, whatever the machine's rule.
        case offset(seconds: Int)
    }

    /// 1 to 9999.
    package var year: Int
    package var month: Int
    package var day: Int
    package var hour: Int
    package var minute: Int
    package var second: Int
    package var microsecond: Int
    package var zone: Zone

    package init(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
        microsecond: Int = 0,
        zone: Zone
    ) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.microsecond = microsecond
        self.zone = zone
    }

    /// The date and time spelt `text`, as in `2026-01-01T00:10:00Z`; nil when it is not one that exists.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 19 else { return nil }
        func digits(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            return value
        }
        let marks: [(Int, UInt8)] = [(4, 0x2d), (7, 0x2d), (10, 0x54), (13, 0x3a), (16, 0x3a)]
        guard marks.allSatisfy({ bytes[$0.0] == $0.1 }) else { return nil }
        guard let year = digits(0..<4), let month = digits(5..<7), let day = digits(8..<10),
            let hour = digits(11..<13), let minute = digits(14..<16), let second = digits(17..<19),
            (1...9999).contains(year), (1...12).contains(month), hour < 24, minute < 60, second < 60,
            (1...Self.days(in: month, of: year)).contains(day)
        else { return nil }
        var index = 19
        var microsecond = 0
        if index < bytes.count, bytes[index] == 0x2e {
            let end = bytes[(index + 1)...].firstIndex { !(0x30...0x39).contains($0) } ?? bytes.count
            guard end > index + 1 else { return nil }
            for place in 0..<6 {
                let digit = index + 1 + place < end ? Int(bytes[index + 1 + place] - 0x30) : 0
                microsecond = microsecond * 10 + digit
            }
            index = end
        }
        let zone: Zone
        switch (bytes.count - index, index < bytes.count ? bytes[index] : 0) {
        case (0, _): zone = .local
        case (1, UInt8(ascii: "Z")): zone = .offset(seconds: 0)
        case (6, UInt8(ascii: "+")), (6, UInt8(ascii: "-")):
            guard let hours = digits(index + 1..<index + 3), let minutes = digits(index + 4..<index + 6),
                bytes[index + 3] == 0x3a, hours <= 14, minutes < 60
            else { return nil }
            let seconds = hours * 3600 + minutes * 60
            zone = .offset(seconds: bytes[index] == UInt8(ascii: "-") ? -seconds : seconds)
        default: return nil
        }
        self.init(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second,
            microsecond: microsecond,
            zone: zone)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
