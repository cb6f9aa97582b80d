package import CivilTime
import JobCatalog
import Records
package import RunEngine
import RunModel

/// What `/metrics` shows, and how.
///
/// Names follow prometheus.io/docs/practices/naming: base units, times rather than ages, `_total` for what only grows. The
/// label of a job is `job_name`, since Prometheus has a `job` of its own.
package struct Metrics: Sendable {
    /// What the system says of this process.
    package struct Process: Sendable {
        /// In bytes.
        package var residentMemory: Int
        /// Of all threads, since the start.
        package var processorTime: Duration
        /// Descriptors that are open.
        package var openFiles: Int
        /// How many may be.
        package var openFilesMax: Int

        package init(residentMemory: Int, processorTime: Duration, openFiles: Int, openFilesMax: Int) {
            self.residentMemory = residentMemory
            self.processorTime = processorTime
            self.openFiles = openFiles
            self.openFilesMax = openFilesMax
        }
    }

    let facts: HealthFacts
    private let health: HealthStatus
    let counters: Counters
    private let now: Instant
    var text = MetricsText()

    /// For how many jobs there are series when nothing else is set: some 30 series each.
    package static let jobsDefault = 1000
    /// What may be set.
    package static let jobsBounds = 0...20_000

    /// All metrics at `now`; each of the first `jobsMax` jobs has series of its own. `others` are the statuses of other
    /// jobs that do not pass. In UTF-8.
    package static func text(
        _ facts: HealthFacts, _ health: HealthStatus, _ counters: Counters, _ process: Process, jobsMax: Int,
        others: [JobStatus], now: Instant
    ) -> [UInt8] {
        var metrics = Metrics(facts, health, counters, now)
        metrics.addDaemon(process)
        metrics.addStore()
        metrics.addHosts()
        metrics.addScheduler()
        metrics.addJobs(facts.catalog.jobs.prefix(jobsMax).map { facts.status(of: $0, at: now) }, others)
        return metrics.text.bytes
    }

    private init(_ facts: HealthFacts, _ health: HealthStatus, _ counters: Counters, _ now: Instant) {
        self.facts = facts
        self.health = health
        self.counters = counters
        self.now = now
    }

    private mutating func addDaemon(_ process: Process) {
        text.begin("almanac_build_info", .gauge, "A constant 1, with what this daemon is.")
        text.add(
            ["version": facts.version, "store": facts.storeKind, "host": facts.host.description], 1)
        text.begin("almanac_health_status", .gauge, "Health as /health says it: 0 pass, 1 warn, 2 fail.")
        text.add([:], HealthStatus.allCases.firstIndex(of: health) ?? 2)
        text.begin("almanac_jobs", .gauge, "Jobs in the catalog in force, by state.")
        let enabled = facts.catalog.jobs.count { $0.isEnabled }
        text.add(["state": "enabled"], enabled)
        text.add(["state": "disabled"], facts.catalog.jobs.count - enabled)
        text.begin(
            "almanac_catalog_last_reload_successful", .gauge,
            "Whether the newest schedule files are in force: 0 when they were refused.")
        text.add([:], facts.reloadProblem == nil ? 1 : 0)
        text.begin(
            "almanac_api_auth_failures_total", .counter,
            "Requests to this daemon that were refused for their token.")
        text.add([:], counters.authFailures)
        text.begin(
            "almanac_metrics_scraped_timestamp_seconds", .gauge,
            "When Prometheus asked for this the time before, in seconds since 1970; 0 when it had not.")
        text.add(at: counters.scrapedAt)
        text.begin("process_start_time_seconds", .gauge, "When this daemon started, in seconds since 1970.")
        text.add(at: facts.startedAt)
        text.begin("process_cpu_seconds_total", .counter, "Processor time of all threads in seconds.")
        text.add([:], process.processorTime)
        text.begin("process_resident_memory_bytes", .gauge, "Resident memory in bytes.")
        text.add([:], process.residentMemory)
        text.begin("process_open_fds", .gauge, "File descriptors that are open.")
        text.add([:], process.openFiles)
        text.begin("process_max_fds", .gauge, "File descriptors that may be open.")
        text.add([:], process.openFilesMax)
    }

    private mutating func addStore() {
        let isUp = facts.journal?.outageSince == nil && facts.store.status(at: now).level == .pass
        text.begin("almanac_store_up", .gauge, "Whether the store of record answers.")
        text.add(["store": facts.storeKind], isUp ? 1 : 0)
        text.begin(
            "almanac_store_request_duration_seconds", .histogram,
            "What was asked of the store, answered or not.")
        for operation in Counters.Operation.allCases {
            text.add(
                ["operation": operation.rawValue],
                counters.store[operation] ?? Histogram(Counters.storeBounds))
        }
        let backlog = facts.journal?.backlog
        text.begin("almanac_journal_operations", .gauge, "Operations in the journal that wait for the store.")
        text.add([:], backlog?.count ?? 0)
        text.begin(
            "almanac_journal_oldest_timestamp_seconds", .gauge,
            "When the oldest of them was made, in seconds since 1970; 0 when there is none.")
        text.add(at: backlog?.oldestAt)
    }

    private mutating func addHosts() {
        text.begin("almanac_hosts", .gauge, "Daemons that share the store, by state.")
        text.add(["state": "alive"], facts.hosts.count { $0.isAlive })
        text.add(["state": "stopped"], facts.hosts.count { !$0.isAlive && $0.hasStopped })
        text.add(
            ["state": "gone"],
            facts.hosts.count {
                !$0.isAlive && !$0.hasStopped && now - $0.seenAt < HealthAssessment.absenceMax
            })
        text.begin(
            "almanac_clock_offset_seconds", .gauge, "How far the clock of this host is ahead of the store's.")
        text.add([:], facts.hosts.first { $0.host == facts.host }?.clockOffset ?? .zero)
    }

    private mutating func addScheduler() {
        text.begin(
            "almanac_scheduler_last_turn_timestamp_seconds", .gauge,
            "When the loop turned last, in seconds since 1970; 0 before its first turn.")
        text.add(at: facts.beatAt)
        text.begin(
            "almanac_scheduler_next_turn_timestamp_seconds", .gauge,
            "When the loop is to turn next, in seconds since 1970; it is stuck when that is past.")
        // While the clock cannot be right, the loop is not stuck.
        let isWaiting = facts.clockFloor.map { now < $0 } ?? false
        text.add(at: isWaiting ? now : facts.wakesAt ?? facts.startedAt)
        text.begin(
            "almanac_scheduler_lateness_seconds", .histogram,
            "How long after it was to start the first request of a run was sent, all jobs.")
        text.add([:], counters.lateness)
        let waiting = [facts.nextDue, facts.oldestWaiting].compactMap(\.self).min().flatMap {
            $0 < now ? $0 : nil
        }
        text.begin(
            "almanac_scheduler_late_timestamp_seconds", .gauge,
            "When the run was to start that has waited longest; 0 when none waits.")
        text.add(at: waiting)
    }
}
