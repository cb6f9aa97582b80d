import CivilTime
package import JobCatalog

/// One line of the list: what is looked at, and what it is to be.
package struct Check: Sendable {
    /// What is looked at.
    package enum Kind: Sendable {
        case setting(Setting)
        case http(HTTPQuestion)
        /// A server's certificate: valid for the name, by a known authority, and for so many days more.
        case tls(host: ReferencingText, days: Int)
        case sql(SQLQuestion)
        case program(ProgramQuestion)
        case file(FileQuestion)
        case almanac(AlmanacQuestion)
        /// What only a person can say; the evidence is a file that shows it, if there is one.
        case manual(question: String, evidence: ReferencingText?)
    }

    /// A value of the service, or of the API's environment file.
    package struct Setting: Sendable {
        /// How much it matters.
        package enum Level: String, Sendable, CaseIterable {
            /// Nothing works without it.
            case required
            /// A provider's; the launch needs it.
            case provider
            /// What needs it is switched off without it.
            case optional
        }

        package var name: String
        package var level = Level.required
        /// The environment file that holds it; nil: the service's own.
        package var from: ReferencingText?
        package var expect: ReferencingText?
        /// The least number of characters of a secret, which must not look like a placeholder; nil for other settings.
        package var secretLength: Int?
    }

    /// A request that changes nothing, and what its answer is to be.
    package struct HTTPQuestion: Sendable {
        /// `GET`, `HEAD` or `OPTIONS`.
        package var method: String
        package var url: ReferencingText
        package var headers: [ReferencingText] = []
        package var statuses = StatusSet.successful
        /// `name: PATTERN` of header fields that the answer has, or must not have.
        package var expectedFields: [FieldRule] = []
        package var rejectedFields: [FieldRule] = []
        package var json: [JSONRule] = []
    }

    /// A header field and what it is to be.
    package struct FieldRule: Sendable {
        /// In lower case.
        package var name: String
        package var pattern: ReferencingText
    }

    /// A member of a JSON document, by its path, and what it is to be.
    package struct JSONRule: Sendable {
        /// As `$.status.indicator`.
        package var path: ReferencingText
        /// Nil: it is there.
        package var pattern: ReferencingText?

        /// Names and numbers from the outside in; nil when the text is not a path.
        package static func parts(of path: String) -> [String]? {
            let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            return parts.count > 1 && parts[0] == "$" && !parts.contains("") ? Array(parts.dropFirst()) : nil
        }
    }

    /// A statement that reads one value.
    package struct SQLQuestion: Sendable {
        package var statement: ReferencingText
        /// The name of the value with the connection string; nil: `DB_DSN`.
        package var connection: ReferencingText?
        package var expect: ReferencingText?
    }

    /// A program of this machine.
    package struct ProgramQuestion: Sendable {
        package var name: ReferencingText
        package var arguments: [ReferencingText] = []
        package var expect: ReferencingText?
        /// Numbers with points between them.
        package var versionMin: String?
    }

    /// The newest file that a path names, which may have `*` in it.
    package struct FileQuestion: Sendable {
        package var path: ReferencingText
        package var ageMax: Duration?
        /// In bytes.
        package var sizeMin: Int?
        /// In bytes.
        package var sizeMax: Int?
    }

    /// What Almanac knows of itself.
    package enum AlmanacQuestion: Sendable {
        case schema
        case job(String, expect: ReferencingText?)
        case templates([ReferencingText])
        case dryRun(String)
        case token
        case clock
        case metrics(within: Duration)
    }

    /// When it is made.
    package enum Phase: String, Sendable, CaseIterable {
        /// Before a cutover.
        case before
        /// While it is made.
        case cutover
        /// When it has run for a while.
        case after
    }

    /// What its failure says of a launch: a reason to go back.
    package enum Trigger: String, Sendable, CaseIterable {
        /// What the API does for its users.
        case smoke
        /// The database.
        case database
        /// A provider that the API needs.
        case provider
    }

    package var id: String
    package var title: String
    /// The identity of its group.
    package var group: String
    /// The heading below that of the group; nil when there is none.
    package var section: String?
    package var kind: Kind
    package var phase = Phase.before
    /// Nil when its failure does not call for a rollback.
    package var trigger: Trigger?
    /// The cure that the list names.
    package var hint: String?
    package var source: SourceLocation

    /// Whether a person signs it.
    package var isManual: Bool {
        if case .manual = kind { true } else { false }
    }
}
