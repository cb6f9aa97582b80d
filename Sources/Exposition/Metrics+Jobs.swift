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
        text.add([], facts.catalog.jobs.count - listed.count)
        addInfo(listed)
        addCounters(listed, hasOthers)
        addStates(listed, others, hasOthers)
    }

    private mutating func addInfo(_ listed: [JobStatus]) {
        text.begin("almanac_job_info", .gauge, "A constant 1, with the definition of a job.")
        for status in listed {
            text.add(
                [
                    ("job_name", status.job.name.description),
                    ("schedule", status.job.schedule?.description ?? ""),
                    ("zone", status.job.schedule?.zone.name ?? ""),
                    ("config_hash", String(facts.catalog.configHash(of: status.job).prefix(12))),
                ], 1)
        }
    }

    /// Of each job, and of all others under an empty list of labels.
    private func counted(_ listed: [JobStatus], _ hasOthers: Bool) -> [(MetricsText.Labels, Counters.OfJob)] {
        listed.map { (Self.label($0), counters[$0.job.name]) } + (hasOthers ? [([], counters.others)] : [])
    }

    private mutating func addCounters(_ listed: [JobStatus], _ hasOthers: Bool) {
        let counted = counted(listed, hasOthers)
        text.begin(
            "almanac_job_occurrences_total", .counter,
            "Occurrences that this host has decided, and runs that were asked for here, by outcome.")
        for (labels, counts) in counted {
            for (outcome, count) in zip(Outcome.allCases, counts.outcomes) {
                text.add(labels + [("outcome", outcome.rawValue)], count)
            }
        }
        text.begin(
            "almanac_job_attempts_total", .counter,
            "Requests that have ended, by class of status or of failure.")
        for (labels, counts) in counted {
            for (result, count) in zip(Counters.AttemptResult.allCases, counts.attempts) {
                text.add(labels + [("result", result.rawValue)], count)
            }
        }
        text.begin(
            "almanac_job_duration_seconds", .histogram, "From the first request of a run to its end.")
        for (labels, counts) in counted { text.add(labels, counts.durations) }
    }

    private mutating func addStates(_ listed: [JobStatus], _ others: [JobStatus], _ hasOthers: Bool) {
        func gauge(_ name: String, _ help: String, _ value: (JobStatus) -> Instant?) {
            text.begin(name, .gauge, help)
            for status in listed { text.add(Self.label(status), at: value(status)) }
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
        for status in listed {
            if let at = status.lastSuccess?.finishedAt { text.add(Self.label(status), at: at) }
        }
        text.begin(
            "almanac_job_next_due_timestamp_seconds", .gauge,
            "When the job is due next; absent when it is over, disabled or waits for an event.")
        for status in listed { if let next = status.next { text.add(Self.label(status), at: next.instant) } }
        text.begin(
            "almanac_job_last_outcome", .gauge,
            "The newest run of an enabled job that has ended, on any host: 1 for its outcome.")
        for status in listed {
            // A disabled job owes nothing: nobody is to be told of its last run for ever.
            let last = status.job.isEnabled ? status.lastRun?.outcome : nil
            for outcome in Outcome.allCases {
                text.add(Self.label(status) + [("outcome", outcome.rawValue)], outcome == last ? 1 : 0)
            }
        }
        text.begin("almanac_job_running", .gauge, "Requests of the job that are under way on this host.")
        let names = Set(listed.map(\.job.name))
        for status in listed { text.add(Self.label(status), counters.running[status.job.name] ?? 0) }
        if hasOthers {
            text.add([], counters.running.reduce(0) { names.contains($1.key) ? $0 : $0 + $1.value })
        }
    }

    private static func label(_ status: JobStatus) -> MetricsText.Labels {
        [("job_name", status.job.name.description)]
    }
}

extension JobStatus {
    /// What is owed now: nothing while it is paused.
    fileprivate var owedSince: Instant? { pausedSince == nil ? overdueSince : nil }

    // Swift 6.3's optimiser ends with an error when this is written where it is used.
    fileprivate var pausedSince: Instant? { pause.map(\.at) }
}
