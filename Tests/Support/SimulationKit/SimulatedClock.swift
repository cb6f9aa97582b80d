import CivilTime

/// A clock on a wall: it may be wrong, run too fast or too slow, and be set.
struct SimulatedClock {
    /// What it was ahead of the true time at `since`.
    private var ahead: Duration = .zero
    private var since = Instant.earliest
    /// Millionths by which it is too fast; negative when it is too slow.
    private var driftMillionths: Int64 = 0

    /// What it shows at a true instant.
    func shows(at now: Instant) -> Instant {
        now + ahead + gained(by: now)
    }

    /// Sets it to be `ahead` of the true time.
    mutating func set(ahead: Duration, at now: Instant) {
        self.ahead = ahead
        since = now
    }

    /// Lets it gain so many millionths from now on; at most 500,000 either way.
    mutating func drift(_ millionths: Int, at now: Instant) {
        set(ahead: shows(at: now) - now, at: now)
        driftMillionths = Int64(millionths)
    }

    /// How long from a true instant on until it shows `wall`, if nobody sets it; a timer fires then.
    func wait(for wall: Instant, at now: Instant) -> Duration {
        let left = (wall - shows(at: now)).wholeMicroseconds
        guard left > 0, driftMillionths != 0 else { return .microseconds(max(left, 0)) }
        let (whole, rest) = left.quotientAndRemainder(dividingBy: 1_000_000 + driftMillionths)
        return .microseconds(whole * 1_000_000 + rest * 1_000_000 / (1_000_000 + driftMillionths) + 1)
    }

    private func gained(by now: Instant) -> Duration {
        guard driftMillionths != 0 else { return .zero }
        let (seconds, rest) = (now - since).wholeMicroseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return .microseconds(seconds * driftMillionths + rest * driftMillionths / 1_000_000)
    }
}
