import CivilTime
import JobCatalog
import RunEngine
import RunModel
import Scheduling

/// The series of jobs.
extension Metrics {
    /// The series of `listed` jobs, and sums of all others without a `job_name`; of those `others` are what is wrong.
    mutating func addJobs(_ listed: [JobStatus], _ others: [JobStatus]) {
        let hasOthers = listed.count < facts.catalog.jobs.count
        text.begin("almanac_jobs_without_series", .gauge, "Jobs that only sums without a job_name count.")
        text.add(MetricsText.Labels(), facts.catalog.jobs.count - listed.count)
        let labels = listed.map { ["job_name": $0.job.name.description] as MetricsText.Labels }
        addInfo(listed)
        addCounters(listed, labels, hasOthers)
        addStates(listed, labels, others, hasOthers)
    }

    private static let outcomes = Outcome.allCases.map { ["outcome": $0.rawValue] as MetricsText.Labels }
    private static let results = Counters.AttemptResult.allCases.map {
        ["result": $0.rawValue] as MetricsText.Labels
    }

    private mutating func addInfo(_ listed: [JobStatus]) {
        text.begin("almanac_job_info", .gauge, "A constant 1, with the definition of a job.")
        for status in listed {
            text.add(
                [
                    "job_name": status.job.name.description,
                    "schedule": status.job.schedule?.description ?? "",
                    "zone": status.job.schedule?.zone.name ?? "",
                    "config_hash": String(facts.catalog.configHash(of: status.job).prefix(12)),
                ], 1)
        }
    }

    private mutating func addCounters(
        _ listed: [JobStatus], _ labels: [MetricsText.Labels], _ hasOthers: Bool
    ) {
        // Of each job, and of all others under no label.
        var counted = zip(labels, listed).map { ($0, counters[$1.job.name]) }
        if hasOthers { counted.append((MetricsText.Labels(), counters.others)) }
        text.begin(
            "almanac_job_occurrences_total", .counter,
            "Occurrences that this host has decided, and runs that were asked for here, by outcome.")
        for (labels, counts) in counted {
            for (outcome, count) in zip(Self.outcomes, counts.outcomes) { text.add(labels, outcome, count) }
        }
        text.begin(
            "almanac_job_attempts_total", .counter,
            "Requests that have ended, by class of status or of failure.")
        for (labels, counts) in counted {
            for (result, count) in zip(Self.results, counts.attempts) { text.add(labels, result, count) }
        }
        text.begin(
            "almanac_job_duration_seconds", .histogram, "From the first request of a run to its end.")
        for (labels, counts) in counted { text.add(labels, counts.durations) }
    }

    private mutating func addStates(
        _ listed: [JobStatus], _ labels: [MetricsText.Labels], _ others: [JobStatus], _ hasOthers: Bool
    ) {
        let jobs = Array(zip(labels, listed))
        func gauge(_ name: String, _ help: String, _ value: (JobStatus) -> Instant?) {
            text.begin(name, .gauge, help)
            for (labels, status) in jobs { text.add(labels, at: value(status)) }
            if hasOthers { text.add(at: others.compactMap(value).min()) }
        }
        gauge(
            "almanac_job_overdue_timestamp_seconds",
            "The occurrence for which the job is overdue, in seconds since 1970; 0 when it is not, or is paused."
        ) { $0.owedSince }
        gauge(
            "almanac_job_paused_timestamp_seconds",
            "Since when the job is paused, in seconds since 1970; 0 when it is not."
        ) { $0.pausedSince }
        text.begin(
            "almanac_job_last_success_timestamp_seconds", .gauge,
            "When the newest run that succeeded has ended, on any host; absent before the first.")
        for (labels, status) in jobs {
            if let at = status.lastSuccess?.finishedAt { text.add(labels, at: at) }
        }
        text.begin(
            "almanac_job_next_due_timestamp_seconds", .gauge,
            "When the job is due next; absent when it is over, disabled or waits for an event.")
        for (labels, status) in jobs { if let next = status.next { text.add(labels, at: next.instant) } }
        addOutcomes(jobs)
        text.begin("almanac_job_running", .gauge, "Requests of the job that are under way on this host.")
        for (labels, status) in jobs { text.add(labels, counters.running[status.job.name] ?? 0) }
        guard hasOthers else { return }
        let names = Set(listed.map(\.job.name))
        text.add(
            MetricsText.Labels(), counters.running.reduce(0) { names.contains($1.key) ? $0 : $0 + $1.value })
    }

    private mutating func addOutcomes(_ jobs: [(MetricsText.Labels, JobStatus)]) {
        text.begin(
            "almanac_job_last_outcome", .gauge,
            "The newest run of an enabled job that has ended, on any host: 1 for its outcome.")
        for (labels, status) in jobs {
            // A disabled job owes nothing: nobody is to be told of its last run for ever.
            let last = status.job.isEnabled ? status.lastRun?.outcome : nil
            for (outcome, label) in zip(Outcome.allCases, Self.outcomes) {
                text.add(labels, label, outcome == last ? 1 : 0)
            }
        }
    }
}

extension JobStatus {
    /// What is owed now: nothing while it is paused.
    fileprivate var owedSince: Instant? { pausedSince == nil ? overdueSince : nil }

    // Swift 6.3's optimiser ends with an error when this is written where it is used.
    fileprivate var pausedSince: Instant? { pause.map(\.at) }
}
