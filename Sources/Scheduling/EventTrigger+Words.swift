package import CivilTime

extension EventTrigger {
    /// The trigger in words, on a machine in `zone`: `5 minutes after the host boots`.
    package func words(in zone: Zone) -> String {
        let event =
            switch event {
            case .boot: "the host boots"
            case .registration: "the job is new or changed"
            }
        var words = delay == .zero ? "when \(event)" : "\(TaskTrigger.length(delay)) after \(event)"
        if let repetition { words += TaskTrigger.words(of: repetition) }
        if let start { words += ", from \(Self.words(for: start, in: zone)) on" }
        if let end { words += ", until \(Self.words(for: end, in: zone))" }
        return words
    }

    private static func words(for boundary: TaskTrigger.Boundary, in zone: Zone) -> String {
        let clock = boundary.zone(onMachineIn: zone).name
        return "\(boundary.local.date) at \(TaskTrigger.clockTime(boundary.local)) \(clock)"
    }
}
