package import CivilTime
package import Records
package import RunModel

/// What somebody asks the store for, as far as an outage is concerned.
package enum StoreQuestion: Sendable, Equatable {
    /// A write, which a journal can take instead.
    case write(StoreWrite)
    /// Leases to renew, with the proofs of ownership that the asker was given.
    case renew([OwnedRun])
    /// Runs whose owner is gone, or after a start the host's own.
    case takeOver(hostRestarted: Bool)
    /// Anything else: only the store can tell, or what was known of it last.
    case read
}

/// What the store answers to a question.
package enum StoreReply: Sendable, Equatable {
    case write(StoreAnswer)
    /// The runs that are not the asker's any more.
    case renewed(lost: [RunID])
    case tookOver([AbandonedRun])
    /// Summaries of all jobs.
    case summaries([JobSummary])
    /// What others did.
    case changes(StoreChanges)
    /// The pauses in force.
    case pauses([Pause])
    /// Who shares the store.
    case hosts([HostSighting])
    /// Something that no outage needs to know.
    case other
}

/// A write as the journal of this host holds it.
package struct JournalledWrite: Sendable, Equatable {
    /// Later ones have greater numbers; 1 or more.
    package var number: Int64
    /// When it was put there, by this host's clock.
    package var recordedAt: Instant
    /// What it is, or why nobody can read it.
    package var write: Result<StoreWrite, StoreError>

    package init(number: Int64, recordedAt: Instant, write: Result<StoreWrite, StoreError>) {
        self.number = number
        self.recordedAt = recordedAt
        self.write = write
    }
}

/// What happens to the conversation with the store. Calls have numbers of their own, which their caller gives.
package enum OutageEvent: Sendable {
    // Of a call.

    /// Somebody asks.
    case asked(Int, StoreQuestion)
    /// The store answered what `ask` asked it.
    case answered(Int, StoreReply)
    /// It did not.
    case failed(Int, StoreError)
    /// What `append` put into the journal has this number there, or could not be put there.
    case journalled(Int, Result<Int64, StoreError>)

    // Of the recovery, which is one conversation of its own.

    /// The daemon starts, and the journal holds so much of an earlier one.
    case began(JournalBacklog)
    /// It is time to ask a store again that is away.
    case woke
    /// The answer to `mark`.
    case marked(StoreError?)
    /// The answer to `watch`.
    case watched(Result<[HostSighting], StoreError>)
    /// The answer to `renew`.
    case renewed(Result<[RunID], StoreError>)
    /// The answer to `probe`.
    case probed(StoreError?)
    /// The answer to `compare`: what the store has lost.
    case compared(Result<Rewind, StoreError>)
    /// The answer to `read`.
    case read(Result<[JournalledWrite], StoreError>)
    /// The answer to `deliver`.
    case delivered(Result<StoreAnswer, StoreError>)
    /// The answer to `look`; nil: the store has no such run.
    case looked(Result<RunHolding?, StoreError>)
    /// The answer to `divide`.
    case divided(Result<RunRecord?, StoreError>)
    /// The answer to `remove`.
    case removed(StoreError?)
}

/// What is to be done next, by whoever brought the event.
package enum OutageEffect: Sendable, Equatable {
    // For a call.

    /// Ask the store, with these proofs of ownership; answered by `answered` or `failed`.
    case ask(StoreQuestion)
    /// Put the write into the journal, on disk; answered by `journalled`.
    case append(StoreWrite)
    /// This is the answer.
    case answer(StoreReply)
    /// The call fails.
    case refuse(StoreError)
    /// Wait until other hosts have had the time to say what they made, and ask again.
    case wait
    /// What was known last is the answer to a read, as `OutageMachine.knowledge` tells it.
    case recall

    // For the recovery.

    /// Tell other hosts that this one delivers what it made, for so long, zero: that it does no more; answered by `marked`.
    case mark(Duration)
    /// Look who shares the store; answered by `watched`.
    case watch
    /// Renew these leases; answered by `renewed`.
    case renew([OwnedRun])
    /// Try whether the store takes a run of this job, and roll it back; answered by `probed`.
    case probe(JobRegistration)
    /// Compare what this host has kept of what the store had taken with what the store has; answered by `compared`.
    case compare
    /// Read the first writes of the journal with greater numbers; answered by `read`.
    case read(after: Int64)
    /// Ask the store for a write; answered by `delivered`.
    case deliver(StoreWrite)
    /// Ask the store who has a run; answered by `looked`.
    case look(RunID)
    /// Find out what is left of a row after the occurrences up to an instant; answered by `divided`.
    case divide(RunRecord, after: Instant)
    /// Take the writes up to a number out of the journal, but keep these aside, for their problems; answered by `removed`.
    case remove(through: Int64, aside: [Int64: String])
    /// Nothing, until `woke` is due.
    case rest
    /// The recovery fails, and with it the start of the daemon.
    case fail(StoreError)
}
