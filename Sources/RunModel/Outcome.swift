/// How a run ended.
package enum Outcome: String, Sendable, CaseIterable {
    /// The API answered with an accepted status.
    case succeeded
    /// The API said that it cannot do this now; neither a failure nor a success.
    case declined
    /// The API refused, every attempt was used up, or the request could not be made.
    case failed
    /// The request was sent and no whole answer came within the timeout.
    case timedOut = "timed_out"
    /// The request may have taken effect and nobody can tell: the connection broke after it was written, or the runner died.
    case unknown
    /// A policy said no, so no request was sent.
    case skipped
    /// Nobody was there when it was due, and the catch-up policy says not to make up for it.
    case missed
}

/// Why a run did not succeed, for programs; the record's `detail` says it in a sentence.
package enum Reason: String, Sendable, CaseIterable {
    /// The previous run of the job had not ended.
    case overlap
    /// The job, or all jobs, were paused.
    case paused
    /// The job was disabled, or taken out of the files.
    case disabled
    /// The latest useful start had passed.
    case deadline
    /// A later occurrence was made up for, took its place in the queue, or came before its run was taken
    /// over.
    case superseded
    /// The daemon was not running when it was due, or when its run was to go on.
    case down
    /// It was due longer ago than the catch-up window.
    case window
    /// More occurrences were missed than the catch-up policy makes up for.
    case cap
    /// The store could not be reached.
    case storeOutage = "store_outage"
    /// The daemon was stopped.
    case shutdown
    /// A newer run of the job replaced it.
    case replaced
    /// Somebody gave it up.
    case cancelled
    /// The API answered with a status that the job declines, or that it does not accept.
    case status
    /// The API refused the job token or the identity (401, 403).
    case token
    /// The host name could not be resolved.
    case dns
    /// The connection could not be made.
    case connect
    /// The TLS handshake or the certificate failed.
    case tls
    /// No whole answer within the timeout.
    case timeout
    /// The connection broke after the request, or a part of it, was written.
    case connection
    /// What came back was not an HTTP answer within the limits.
    case response
    /// The host or the command that ran it died, or its host lost its lease.
    case lost
    /// The request could not be made: a value of the configuration is missing or unusable.
    case configuration
}

/// What made a run start.
package enum RunTrigger: String, Sendable, CaseIterable {
    /// Its occurrence fell due.
    case schedule
    /// It makes up for an occurrence that was missed.
    case catchUp = "catch_up"
    /// A person or a program asked for it.
    case manual
}
