package import CivilTime

/// Three clocks of a machine, read at the same time.
package struct ClockReading: Sendable, Equatable {
    /// What the wall clock shows, which people and programs set.
    package var wall: Instant
    /// The time since the machine started.
    package var sinceBoot: Duration
    /// The time since the machine started that it was not suspended.
    package var awake: Duration

    package init(wall: Instant, sinceBoot: Duration, awake: Duration) {
        self.wall = wall
        self.sinceBoot = sinceBoot
        self.awake = awake
    }
}

/// What happened to the clocks of a machine between two readings.
package enum ClockChange: Sendable, Equatable {
    /// The wall clock was set: forward by more than nothing, or backward by less.
    case step(Duration)
    /// The machine was suspended for so long.
    case suspension(Duration)

    /// The change in a sentence, with its size in seconds.
    package var sentence: String {
        switch self {
        case .step(let size):
            "the wall clock was set \(size < .zero ? "back" : "forward") by "
                + "\(Self.seconds(size < .zero ? .zero - size : size)) s"
        case .suspension(let length): "the machine was suspended for \(Self.seconds(length)) s"
        }
    }

    private static func seconds(_ duration: Duration) -> String {
        let tenths = duration.wholeMicroseconds / 100_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// Tells a wall clock that was set from one that runs a little fast or slow, and from a suspended machine.
package struct ClockWatch: Sendable {
    private var last: ClockReading

    /// Less than this is a clock that is being slewed, or a process that was held up between two readings.
    package static let stepMin: Duration = .milliseconds(500)
    /// The largest share of the time that slewing changes: adjtime(3) and chronyd stay below it.
    package static let slewShare = 10

    /// A watch that begins with `reading`.
    package init(_ reading: ClockReading) {
        last = reading
    }

    /// What happened since the last reading, in the order to tell it; nothing as a rule.
    package mutating func observe(_ reading: ClockReading) -> [ClockChange] {
        let elapsed = reading.sinceBoot - last.sinceBoot
        let asleep = elapsed - (reading.awake - last.awake)
        let step = reading.wall - last.wall - elapsed
        last = reading
        var changes: [ClockChange] = []
        if asleep >= Self.stepMin { changes.append(.suspension(asleep)) }
        let size = step < .zero ? .zero - step : step
        if size >= Self.stepMin + elapsed / Self.slewShare { changes.append(.step(step)) }
        return changes
    }
}
