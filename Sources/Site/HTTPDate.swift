import CivilTime

extension Instant {
    /// As HTTP writes it (RFC 9110, 5.6.7): `Mon, 30 Nov 2026 06:42:18 GMT`.
    var httpDate: String {
        let local = Zone.utc.local(at: self)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let (date, year) = (local.date, String(local.date.year))
        return "\(date.weekday.name.prefix(3)), \(two(date.day)) \(months[date.month - 1]) "
            + String(repeating: "0", count: max(4 - year.count, 0)) + year
            + " \(two(local.hour)):\(two(local.minute)):\(two(local.second)) GMT"
    }
}
