import CommandRequests

/// One thing to know about a task file: what, where, why and, if something can be done, what to do.
package struct TaskDiagnostic: Sendable, Equatable, CustomStringConvertible {
    /// How much it matters.
    package enum Severity: String, Sendable, CaseIterable {
        /// Worth knowing; nothing was changed.
        case note
        /// The file is faulty, and was read as it was evidently meant.
        case repair
        /// The file works, in part or under a condition.
        case warning
        /// The file cannot be used.
        case error
    }

    /// Decides the severity too.
    package var code: Code
    /// What was found, without a full stop.
    package var message: String
    /// What to do about it; nil when nothing helps more than the message.
    package var hint: String?
    /// Where it is in the text of the file.
    package var position: TaskPosition

    package init(_ code: Code, _ message: String, hint: String? = nil, at position: TaskPosition) {
        self.code = code
        self.message = message
        self.hint = hint
        self.position = position
    }

    /// The one of its code.
    package var severity: Severity { code.severity }

    /// `line:column: severity: message [code]`.
    package var description: String { "\(position): \(severity.rawValue): \(message) [\(code.rawValue)]" }
}

extension TaskDiagnostic {
    /// What kind of thing it is, for programs.
    package enum Code: String, Sendable, CaseIterable {
        /// A comment after the root element, which some programs refuse.
        case trailingComment = "trailing-comment"
        /// The command reports success whatever the API answers; here an HTTP error fails the run.
        case statusNotChecked = "status-not-checked"

        /// The XML declaration names an encoding that the bytes do not have.
        case encodingLabel = "encoding-label"
        /// The bytes are not UTF-8, and were read as windows-1252.
        case codePage = "code-page"
        /// An XML declaration that is not at the beginning of the file, which XML forbids.
        case extraDeclaration = "extra-declaration"
        /// The task is in no namespace, though Task Scheduler asks for its own.
        case missingNamespace = "missing-namespace"
        /// A placeholder such as `<API_BASE_URL>` between raw angle brackets, which is not XML.
        case rawPlaceholder = "raw-placeholder"
        /// PowerShell's `$env:NAME` where no PowerShell reads it, so that Windows sends the characters.
        case literalEnvironmentToken = "literal-env-token"
        /// `https://` before a placeholder whose value is a whole URL.
        case doubledScheme = "doubled-scheme"
        /// A method in small letters, which curl sends as such.
        case lowerCaseMethod = "lower-case-method"
        /// Arguments over several lines, which Windows does not take for blanks.
        case wrappedArguments = "wrapped-arguments"
        /// A header that every request has already, such as `Content-Length`.
        case reservedHeader = "reserved-header"

        /// A boundary without `Z` or an offset: the local time of whichever machine runs it.
        case localBoundary = "local-boundary"
        /// A trigger that starts nothing here, such as one for a logon.
        case refusedTrigger = "refused-trigger"
        /// A trigger that the file disables.
        case disabledTrigger = "disabled-trigger"
        /// No enabled trigger that means anything here: the task only runs by hand.
        case noTrigger = "no-trigger"
        /// An element that names no month, which was read as all of them.
        case emptySet = "empty-set"
        /// A duration in months or years, which differ in length.
        case calendarDuration = "calendar-duration"
        /// An element that the schema does not have in its place; it was left out.
        case unknownElement = "unknown-element"
        /// An element of the schema that is not done here.
        case refusedElement = "refused-element"
        /// The value of a secret stands in the file.
        case secretInClear = "secret-in-clear"
        /// An argument in single quotes, which are no quotes to Windows.
        case singleQuotes = "single-quotes"
        /// The task is to be deleted after its triggers, and none of them ends.
        case expiryWithoutEnd = "expiry-without-end"

        /// More than `TaskLimits.fileBytesMax` bytes.
        case tooLarge = "too-large"
        /// The bytes are no text in any encoding that is read.
        case undecodable = "undecodable"
        /// Not well-formed XML, after the repairs.
        case malformedXML = "malformed-xml"
        /// A document type declaration, which is never read: entities can be made to grow without bound.
        case documentType = "document-type"
        /// One of the other bounds of `TaskLimits`.
        case limit
        /// The root is neither `Task` nor `Tasks`, or something else stands among the tasks.
        case wrongRoot = "wrong-root"
        /// The task is in a namespace that is not Task Scheduler's.
        case wrongNamespace = "wrong-namespace"
        /// Something that a task needs is not there, or not once.
        case missingElement = "missing-element"
        /// An element stands twice where the schema has it once; the first is read.
        case duplicateElement = "duplicate-element"
        /// A text that is no value of its element.
        case invalidValue = "invalid-value"
        /// A placeholder without a value; it stays a reference.
        case missingPlaceholder = "missing-placeholder"
        /// An action that is not an HTTP request.
        case refusedAction = "refused-action"
        /// An option of the command that cannot be done here.
        case refusedOption = "refused-option"
        /// The command line cannot be read, or makes no request.
        case invalidCommand = "invalid-command"
        /// `$(Arg0)` and the like, which Task Scheduler fills in when a person or an event starts the task.
        case taskVariable = "task-variable"

        /// How much a thing of this kind matters.
        package var severity: Severity {
            switch self {
            case .trailingComment, .statusNotChecked, .disabledTrigger: .note
            case .encodingLabel, .codePage, .extraDeclaration, .missingNamespace, .rawPlaceholder,
                .literalEnvironmentToken, .doubledScheme, .lowerCaseMethod, .wrappedArguments,
                .reservedHeader:
                .repair
            case .localBoundary, .refusedTrigger, .noTrigger, .emptySet, .calendarDuration, .unknownElement,
                .refusedElement, .secretInClear, .singleQuotes, .expiryWithoutEnd:
                .warning
            case .tooLarge, .undecodable, .malformedXML, .documentType, .limit, .wrongRoot, .wrongNamespace,
                .missingElement, .duplicateElement, .invalidValue, .missingPlaceholder, .refusedAction,
                .refusedOption, .invalidCommand, .taskVariable:
                .error
            }
        }
    }
}

extension TaskDiagnostic.Code {
    init(_ code: CommandFinding.Code) {
        self =
            switch code {
            case .statusNotChecked: .statusNotChecked
            case .literalEnvironmentToken: .literalEnvironmentToken
            case .doubledScheme: .doubledScheme
            case .lowerCaseMethod: .lowerCaseMethod
            case .reservedHeader: .reservedHeader
            case .secretInClear: .secretInClear
            case .singleQuotes: .singleQuotes
            case .missingPlaceholder: .missingPlaceholder
            case .refusedAction: .refusedAction
            case .refusedOption: .refusedOption
            case .invalidCommand: .invalidCommand
            case .taskVariable: .taskVariable
            }
    }
}
