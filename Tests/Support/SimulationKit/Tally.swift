/// What happened in a world, or in many.
package struct Tally: Sendable {
    package var worlds = 0
    package var hosts = 0
    /// The virtual time that passed.
    package var time: Duration = .zero
    /// Events that the schedulers took.
    package var events = 0
    /// Things that hosts did for their schedulers while something could go wrong.
    package var effects = 0
    /// Starts of hosts.
    package var starts = 0
    package var storeErrors = 0
    /// Outages as hosts saw them.
    package var outages = 0
    /// Writes that went into a journal.
    package var journalled = 0
    /// Writes that hosts delivered after outages.
    package var delivered = 0
    /// How often the store forgot the last that it had taken.
    package var rewinds = 0
    /// Requests that were sent.
    package var requests = 0
    /// Requests that were sent more than a minute before their occurrence was due in truth, by a host whose clock was ahead.
    package var sentAhead = 0
    /// Occurrences that were looked for, by their job.
    package var due: [String: Int] = [:]
    package var rows = 0
    /// The occurrences by their outcome, those of jobs that change included.
    package var outcomes: [String: Int] = [:]
    /// What went wrong, by its name.
    package var faults: [String: Int] = [:]

    package init() {}

    package static func += (sum: inout Tally, other: Tally) {
        sum.worlds += other.worlds
        sum.hosts += other.hosts
        sum.time += other.time
        sum.events += other.events
        sum.effects += other.effects
        sum.starts += other.starts
        sum.storeErrors += other.storeErrors
        sum.outages += other.outages
        sum.journalled += other.journalled
        sum.delivered += other.delivered
        sum.rewinds += other.rewinds
        sum.requests += other.requests
        sum.sentAhead += other.sentAhead
        sum.due.merge(other.due, uniquingKeysWith: +)
        sum.rows += other.rows
        sum.outcomes.merge(other.outcomes, uniquingKeysWith: +)
        sum.faults.merge(other.faults, uniquingKeysWith: +)
    }
}
