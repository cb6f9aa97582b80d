package import Records

/// What an operator should know of an outage.
package enum JournalNews: Sendable, Equatable {
    /// The store does not answer, or refuses to be written.
    case outageBegan(StoreError, StoreOutagePolicy)
    /// The store answers, and knows all that was journalled.
    case outageEnded(lasted: Duration, delivered: Int)
    /// What an earlier daemon had journalled was delivered.
    case delivered(Int)
    /// An operation, told in words, can never be delivered; the journal keeps it for people to look at.
    case setAside(String, problem: String)
    /// The store had lost so many runs that it had recorded for this host; they are delivered again.
    case rewound(runs: Int)
    /// The store had forgotten this number of jobs, and knows them again.
    case registeredAgain(Int)
    /// The journal cannot be used: nothing more is promised until it can.
    case journalFailed(StoreError)
}
