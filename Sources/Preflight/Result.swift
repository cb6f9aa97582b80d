package import Records

/// What a check came to.
package struct CheckResult: Sendable, Equatable {
    /// How it came out.
    package enum Status: String, Sendable, CaseIterable {
        /// As it is to be; of what only a person can say: signed.
        case pass
        /// Not as it is to be.
        case fail
        /// Something is switched off, or has changed since somebody signed it.
        case warn
        /// Nobody has signed it.
        case manual
    }

    package var status: Status
    /// What was measured.
    package var evidence: String
    /// What to do about it; nil when it passed.
    package var hint: String?
    /// How long the answer took, of what is answered.
    package var milliseconds: Int?

    package init(_ status: Status, _ evidence: String, hint: String? = nil) {
        self.status = status
        self.evidence = evidence
        self.hint = status == .pass ? nil : hint
    }
}

/// The list with what its checks came to.
package struct PreflightReport: Sendable {
    /// The groups that were looked at, in the order of the list.
    package var groups: [PreflightList.Group]
    /// In the order of the list.
    package var results: [(check: Check, result: CheckResult)]
    /// Who signed what, by check.
    package var signatures: [String: Signature]

    package init(
        groups: [PreflightList.Group], results: [(check: Check, result: CheckResult)],
        signatures: [String: Signature]
    ) {
        self.groups = groups
        self.results = results
        self.signatures = signatures
    }

    /// How many checks came out so.
    package func count(_ status: CheckResult.Status) -> Int { results.count { $0.result.status == status } }

    /// Whether nothing fails and, unless that may be, nothing waits for a signature.
    package func isReady(allowsUnsigned: Bool) -> Bool {
        count(.fail) == 0 && (allowsUnsigned || count(.manual) == 0)
    }
}
