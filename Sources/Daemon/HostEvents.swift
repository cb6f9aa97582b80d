import CivilTime
import Host
package import JobCatalog
package import Logging
package import Records
import RunEngine
package import RunModel
import Scheduling
import Synchronization

/// Knows when this host booted, and tells the jobs that wait for that.
package final class HostEvents: Sendable {
    private let file: String
    private let logger: Logger
    /// nil until jobs were loaded: before that the wall clock may not be right.
    private let memory = Mutex<BootMemory?>(nil)

    /// Remembers boots in the state directory `directory`.
    package init(_ directory: String, logger: Logger) {
        file = directory + "/boot"
        self.logger = logger
    }

    /// The catalog, with the events that its schedules wait for: the host's boot, and what the store knows of when
    /// definitions came in force.
    package func catalog(_ catalog: Catalog, _ known: [JobName: RegisteredJob]) -> Catalog {
        memory.withLock { memory in
            var current = memory ?? lookBack()
            defer { memory = current }
            return catalog.withEventTimes { current.eventTimes(of: $0, known[$0]) }
        }
    }

    /// Follows a wall clock that was set, so that the next start does not take it for a boot.
    package func refresh() {
        let bootedAt = Clocks.now() - Clocks.sinceBoot()
        memory.withLock { memory in
            guard var current = memory else { return }
            let moved = bootedAt - current.bootedAt
            guard moved > Self.driftMax || moved < .zero - Self.driftMax else { return }
            current.bootedAt = bootedAt
            current.uptime = Clocks.sinceBoot()
            memory = current
            // What is not remembered now is remembered with the next change; at worst a boot is seen that was none.
            _ = isKept(current)
        }
    }

    /// What the wall clock may move against the time since the boot without being set.
    private static let driftMax: Duration = .seconds(1)

    /// Finds out whether the host has booted since a daemon last ran here.
    private func lookBack() -> BootMemory {
        let before = StateDirectory.text(of: file).flatMap { BootMemory($0) }
        var memory = BootMemory(after: before, now: Clocks.now(), uptime: Clocks.sinceBoot())
        guard isKept(memory) else {
            // The next start would tell the same boot again.
            memory.toldAt = nil
            return memory
        }
        if memory.isNew, let told = memory.toldAt {
            logger.info("the host has booted", metadata: ["told": "\(told)"])
        }
        return memory
    }

    private func isKept(_ memory: BootMemory) -> Bool {
        do {
            try StateDirectory.write(Array(memory.text.utf8), to: file)
            return true
        } catch {
            logger.error(
                "a boot cannot be remembered, so that no job is told of it",
                metadata: ["error": "\(error.message)", "hint": "\(error.hint ?? "")"])
            return false
        }
    }
}
