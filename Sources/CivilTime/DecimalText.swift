/// Builds texts of padded decimal numbers, since the standard library has no such formatting.
struct DecimalText {
    private(set) var string = ""

    mutating func append(_ text: String) {
        string += text
    }

    /// Adds a number that is not negative, with zeros in front up to `digits`.
    mutating func append(_ number: Int, digits: Int) {
        let text = String(number)
        string += String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    mutating func append(date: CivilDate) {
        if date.year < 0 {
            string += "-"
        } else if date.year > 9999 {
            string += "+"
        }
        append(abs(date.year), digits: 4)
        string += "-"
        append(date.month, digits: 2)
        string += "-"
        append(date.day, digits: 2)
    }

    mutating func append(timeOf local: CivilDateTime) {
        append(local.hour, digits: 2)
        string += ":"
        append(local.minute, digits: 2)
        string += ":"
        append(local.second, digits: 2)
    }
}
