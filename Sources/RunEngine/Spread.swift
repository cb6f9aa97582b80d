package import CivilTime
package import RunModel

/// Delays that look random and are the same on every host and after every restart.
package enum Spread {
    /// The delay of an occurrence's start: uniform from 0 to `jitter`, a function of job and instant alone.
    package static func jitter(_ jitter: Duration, job: JobName, scheduledFor: Instant) -> Duration {
        var hash = StableHash()
        hash.combine("jitter")
        hash.combine(job.description)
        hash.combine(scheduledFor.microseconds)
        return uniform(.zero...jitter, hash)
    }

    /// The wait before attempt `number` (2 for the first retry): uniform from the shortest to an upper bound that doubles
    /// with each retry, up to the longest.
    package static func backoff(_ bounds: ClosedRange<Duration>, run: RunID, attempt number: Int) -> Duration
    {
        var hash = StableHash()
        hash.combine("backoff")
        hash.combine(run.description)
        hash.combine(Int64(number))
        let doublings = min(max(number - 1, 0), 30)
        return uniform(bounds.lowerBound...min(bounds.upperBound, bounds.lowerBound * (1 << doublings)), hash)
    }

    /// How much later than others a host begins to prune: up to `EngineLimits.pruningSpread`, a function of the host.
    package static func pruning(_ host: HostID) -> Duration {
        var hash = StableHash()
        hash.combine("pruning")
        hash.combine(host.description)
        return uniform(.zero...EngineLimits.pruningSpread, hash)
    }

    private static func uniform(_ bounds: ClosedRange<Duration>, _ hash: StableHash) -> Duration {
        let width = UInt64((bounds.upperBound - bounds.lowerBound).wholeMicroseconds)
        guard width > 0 else { return bounds.lowerBound }
        // The high half of the product is uniform in 0..<width+1 (Lemire, 2019).
        return bounds.lowerBound + .microseconds(Int64(hash.spread.multipliedFullWidth(by: width + 1).high))
    }
}
