package import CivilTime

/// A durable list, on this host, of operations that the store of all hosts could not take yet.
///
/// Every method is one transaction and on disk when it returns. The list knows no operation's meaning: that is its user's.
package protocol OperationJournal: Sendable {
    /// Puts an operation at the end, and answers its number, which no other operation ever has.
    func append(_ operation: JournalledOperation) async throws(StoreError) -> Int64

    /// The first operations with greater numbers, in their order; those that were set aside are left out.
    func entries(after number: Int64, limit: Int) async throws(StoreError) -> [JournalEntry]

    /// How many operations there are, and when the oldest was put there; those that were set aside do not count.
    func backlog() async throws(StoreError) -> JournalBacklog

    /// Removes this operation and all before it, but keeps some of them for people to look at, out of the others' way: those
    /// that can never be delivered, with their problems by their numbers.
    ///
    /// Only the newest `JournalLimits.setAsideMax` are kept.
    func remove(through number: Int64, settingAside problems: [Int64: String]) async throws(StoreError)
}

/// An operation as a journal holds it.
package struct JournalledOperation: Sendable, Equatable {
    /// The run that it is about, and the proof of ownership that it was asked with; nil when it is about none or about
    /// several. A claim has the fence 0.
    package var owned: OwnedRun?
    /// When it was put there, by the host's clock.
    package var recordedAt: Instant
    /// The version of the form of `payload`.
    package var version: Int
    /// The operation as a JSON document, without its proof of ownership.
    package var payload: String

    package init(owned: OwnedRun?, recordedAt: Instant, version: Int, payload: String) {
        self.owned = owned
        self.recordedAt = recordedAt
        self.version = version
        self.payload = payload
    }
}

/// An operation and its place in a journal.
package struct JournalEntry: Sendable, Equatable {
    /// 1 or more; later operations have greater numbers.
    package var number: Int64
    /// What is to be delivered.
    package var operation: JournalledOperation

    package init(number: Int64, operation: JournalledOperation) {
        self.number = number
        self.operation = operation
    }
}

/// How much a journal holds.
package struct JournalBacklog: Sendable, Equatable {
    /// Operations that wait to be delivered.
    package var count: Int
    /// When the oldest of them was put there; nil when there is none.
    package var oldestAt: Instant?

    package init(count: Int, oldestAt: Instant?) {
        self.count = count
        self.oldestAt = oldestAt
    }
}

/// The bounds of a journal, each with its reason.
package enum JournalLimits {
    /// Operations that wait: eight hours of a job that is due each second, and about 100 MB.
    package static let entriesMax = 100_000
    /// How many more may wait that end what was begun: more than runs can be under way.
    package static let reserve = 1_000
    /// Operations that were set aside: enough to see what happened.
    package static let setAsideMax = 1_000
}

/// What a daemon does while the store of all hosts is away.
package enum StoreOutagePolicy: String, Sendable, CaseIterable {
    /// Jobs run, and what becomes of them is journalled.
    case run
    /// Nothing starts before the store is back; what was begun ends, and is journalled.
    case hold
    /// `run` where no other host was there when the outage began, `hold` where one was, or where that is not known.
    case auto
}

/// What a journal and the store behind it are like, for health.
package struct JournalStatus: Sendable, Equatable {
    /// What happens while the store is away; in an outage what does happen, `run` or `hold`.
    package var policy: StoreOutagePolicy
    /// Whether `auto` has decided, or will decide, what that is.
    package var isAutomatic: Bool
    /// Since when the store is away; nil when it is there.
    package var outageSince: Instant?
    /// Why it is away; nil when it is there.
    package var outageError: StoreError?
    /// What waits to be delivered.
    package var backlog = JournalBacklog(count: 0, oldestAt: nil)
    /// Why the journal cannot be written or read; nil when it can.
    package var journalError: StoreError?
    /// Operations that could not be delivered since the daemon started.
    package var setAside = 0

    package init(policy: StoreOutagePolicy) {
        self.policy = policy
        isAutomatic = policy == .auto
    }

    /// Whether jobs run, although the store is away.
    package var isBridging: Bool {
        outageSince != nil && policy == .run && journalError == nil
    }
}
