/// How long something took, for people.
package enum ElapsedText {
    /// In two significant units at most: `240 ms`, `4.1 s`, `12 s`, `3 min 5 s`.
    package static func of(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMicroseconds / 1000
        let seconds = milliseconds / 1000
        switch milliseconds {
        case ..<1000: return "\(milliseconds) ms"
        case ..<10_000: return "\(seconds).\(milliseconds % 1000 / 100) s"
        case ..<60_000: return "\(seconds) s"
        default: return "\(seconds / 60) min \(seconds % 60) s"
        }
    }
}
