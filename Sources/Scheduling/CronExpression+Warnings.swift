package import CivilTime

extension CronExpression {
    /// What is probably a mistake in the expression; clock changes of the zone are looked for from `instant` on.
    package func warnings(in zone: Zone, from instant: Instant) -> [ScheduleWarning] {
        []
    }
}
