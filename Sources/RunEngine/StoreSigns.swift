package import CivilTime
package import Records

/// What the store has made of each kind of question so far: which failed, and which are still open.
///
/// A full disk still lets rows be read, and a role without one right has the others. So each kind of question has
/// an error of its own, which is over only when the store has answered a question of that kind.
package struct StoreSigns: Sendable, Equatable {
    /// A kind of question to the store.
    package enum Question: Sendable, CaseIterable {
        /// An occurrence or a run gets its row: a claim, or a decision without a request.
        case decide
        /// A run that has a row goes on: its lease, its attempts, its end.
        case change
        /// The jobs of a catalog are made known.
        case register
        /// Runs whose owner is gone are looked for.
        case takeOver
        /// What is known of all jobs is read.
        case read
        /// What happened beside the runs is kept; no run depends on it.
        case note
    }

    private var errors: [Question: StoreError] = [:]
    private var openSince: [Question: Instant] = [:]

    /// A store that has not been asked anything.
    package init() {}

    /// A question is on its way; of several open ones of a kind the first counts.
    package mutating func asked(_ question: Question, at now: Instant) {
        openSince[question] = openSince[question] ?? now
    }

    /// The store has answered.
    package mutating func answered(_ question: Question) {
        errors[question] = nil
        openSince[question] = nil
    }

    /// The store has failed.
    package mutating func failed(_ question: Question, _ error: StoreError) {
        errors[question] = error
        openSince[question] = nil
    }

    /// The error that stands, and of what; of several that of the question that matters most.
    package var failure: (question: Question, error: StoreError)? {
        for question in Question.allCases {
            if let error = errors[question] { return (question, error) }
        }
        return nil
    }

    /// Since when the store has left a question open; nil when none is.
    package var askedAt: Instant? { openSince.values.min() }

    /// Whether a question failed that runs depend on.
    package var isFailing: Bool { failure.map { $0.question != .note } ?? false }

    /// How the store is at `now`, and what is wrong with it in a sentence.
    package func status(at now: Instant) -> (level: HealthStatus, problem: String?) {
        if isFailing, let failure { return (.fail, "\(failure.question.failing): \(failure.error)") }
        if let askedAt, now - askedAt > HealthAssessment.latenessMax {
            return (.fail, "the store has not answered for \((now - askedAt).components.seconds) s")
        }
        return failure.map { (.warn, "\($0.question.failing): \($0.error)") } ?? (.pass, nil)
    }
}

extension StoreSigns.Question {
    /// The beginning of a sentence about a question that failed.
    fileprivate var failing: String {
        switch self {
        case .decide, .change: "the store does not record runs"
        case .register: "the store does not record the jobs"
        case .note: "the store does not record events"
        case .takeOver, .read: "the store does not answer"
        }
    }
}

extension StoreWrite {
    /// What its answer, or its failure, says about the store.
    package var question: StoreSigns.Question {
        switch self {
        case .claim, .record: .decide
        case .startAttempt, .awaitRetry, .finish: .change
        case .register: .register
        case .note: .note
        }
    }
}
