extension CronExpression {
    /// The expression in words, without a zone: `every day at 00:10`.
    package var words: String { words(zone: nil) }

    func words(zone: String?) -> String {
        description + (zone.map { " " + $0 } ?? "")
    }
}
