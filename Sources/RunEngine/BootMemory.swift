package import CivilTime
package import Records
package import RunModel
package import Scheduling

/// What a host remembers of its boot, so that a start of the daemon is not taken for one.
///
/// The boot's identity in /proc is hidden from a confined service. What is left is the time since the boot, which
/// sleeping does not stop (CLOCK_BOOTTIME), and the wall clock, which may be set.
package struct BootMemory: Sendable, Equatable {
    /// When the host booted, by the wall clock as it is set now.
    package var bootedAt: Instant
    /// How long ago that was when this was written.
    package var uptime: Duration
    /// When jobs that wait for a boot were told of it; nil when the host had booted before the daemon's first start
    /// ever, which is no news.
    package var toldAt: Instant?
    /// Whether the boot was found at this start of the daemon.
    package var isNew = false
    /// When each job was told of the boot, since this start of the daemon: once, however often files are read again.
    private var told: [JobName: Instant] = [:]

    /// The memory at a start of the daemon, or when the clock was set: `now` by the wall clock, `uptime` after the
    /// boot. Nil for `before` means that there is none.
    ///
    /// A later boot comes after the last time that the host was seen; a boot elsewhere in time is one whose clock was set.
    /// A boot is told when the daemon starts soon after it, as services do; after a longer absence the boot's own
    /// time stands, and the catch-up policy decides.
    package init(after before: BootMemory?, now: Instant, uptime: Duration) {
        bootedAt = now - uptime
        self.uptime = uptime
        guard let before else { return }
        let earliest =
            before.bootedAt + max(EngineLimits.bootTolerance, before.uptime - EngineLimits.bootTolerance)
        isNew = uptime < before.uptime || bootedAt > earliest
        toldAt = isNew ? (uptime <= EngineLimits.bootGrace ? now : bootedAt) : before.toldAt
    }

    /// The memory that was written as `text`; nil when it is not one of this version.
    package init?(_ text: String) {
        var values: [String: Int64] = [:]
        let lines = text.split(separator: "\n")
        guard lines.first.map(String.init) == Self.heading else { return nil }
        for line in lines.dropFirst() {
            let words = line.split(separator: "=", maxSplits: 1)
            guard words.count == 2, let value = Int64(words[1]) else { return nil }
            values[String(words[0])] = value
        }
        guard let bootedAt = values["booted_at"], let uptime = values["uptime"], uptime >= 0 else {
            return nil
        }
        self.bootedAt = Instant(microseconds: bootedAt)
        self.uptime = .microseconds(uptime)
        toldAt = values["told_at"].map { Instant(microseconds: $0) }
    }

    /// The memory as lines of text, times in microseconds.
    package var text: String {
        var lines = [
            Self.heading, "booted_at=\(bootedAt.microseconds)", "uptime=\(uptime.wholeMicroseconds)",
        ]
        if let toldAt { lines.append("told_at=\(toldAt.microseconds)") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let heading = "almanac boot 1"

    /// When the events of a job happened that the store knew as `known`.
    ///
    /// A boot that was just found counts from after what other hosts of the same store have decided meanwhile. The
    /// definition counts from the microsecond after it came in force, which is where the watermark of a new job is.
    package mutating func eventTimes(of job: JobName, _ known: RegisteredJob?) -> EventTimes {
        if told[job] == nil { told[job] = firstTold(known) }
        return EventTimes(boot: told[job], registration: known?.inForceSince.map { $0 + .microseconds(1) })
    }

    private func firstTold(_ known: RegisteredJob?) -> Instant? {
        guard isNew, let toldAt, toldAt > bootedAt, let known, known.previousHash != nil,
            known.watermark >= toldAt
        else { return toldAt }
        return known.watermark + .microseconds(1)
    }
}
