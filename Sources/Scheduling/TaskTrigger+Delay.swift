import CivilTime

extension TaskTrigger {
    /// The extra wait before the run of an occurrence: 0 to `randomDelay`, whole milliseconds, each equally
    /// likely.
    ///
    /// It depends on the job and the occurrence alone, so that a restart neither shortens nor renews the
    /// wait.
    package func delay(job: String, occurrence: Occurrence) -> Duration {
        let choices = UInt64(randomDelay.wholeMicroseconds / 1000) + 1
        var hash = StableHash()
        hash.combine(job)
        hash.combine(occurrence.instant.microseconds)
        // The high half of the product is below `choices`, and as evenly spread as 64 bits can be.
        return .milliseconds(Int64(hash.spread.multipliedFullWidth(by: choices).high))
    }
}
