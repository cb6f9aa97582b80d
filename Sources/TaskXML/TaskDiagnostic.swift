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

    package var code: Code
    package var message: String
    package var hint: String?
    package var position: TaskPosition

    package init(_ code: Code, _ message: String, hint: String? = nil, at position: TaskPosition) {
        self.code = code
        self.message = message
        self.hint = hint
        self.position = position
    }

    package var severity: Severity { code.severity }

    /// `line:column: severity: message [code]`.
    package var description: String { "\(position): \(severity.rawValue): \(message) [\(code.rawValue)]" }
}

extension TaskDiagnostic {
    /// What kind of thing it is, for programs.
    package enum Code: String, Sendable, CaseIterable {
        case trailingComment = "trailing-comment"
        case statusNotChecked = "status-not-checked"

        case encodingLabel = "encoding-label"
        case codePage = "code-page"
        case extraDeclaration = "extra-declaration"
        case missingNamespace = "missing-namespace"
        case rawPlaceholder = "raw-placeholder"
        case literalEnvironmentToken = "literal-env-token"
        case doubledScheme = "doubled-scheme"

        case localBoundary = "local-boundary"
        case refusedTrigger = "refused-trigger"
        case disabledTrigger = "disabled-trigger"
        case noTrigger = "no-trigger"
        case emptySet = "empty-set"
        case calendarDuration = "calendar-duration"
        case unknownElement = "unknown-element"
        case refusedElement = "refused-element"
        case secretInClear = "secret-in-clear"
        case expiryWithoutEnd = "expiry-without-end"

        case tooLarge = "too-large"
        case undecodable = "undecodable"
        case malformedXML = "malformed-xml"
        case documentType = "document-type"
        case limit
        case wrongRoot = "wrong-root"
        case wrongNamespace = "wrong-namespace"
        case missingElement = "missing-element"
        case duplicateElement = "duplicate-element"
        case invalidValue = "invalid-value"
        case missingPlaceholder = "missing-placeholder"
        case refusedAction = "refused-action"
        case refusedOption = "refused-option"
        case invalidCommand = "invalid-command"

        /// How much a thing of this kind matters.
        package var severity: Severity {
            switch self {
            case .trailingComment, .statusNotChecked, .disabledTrigger: .note
            case .encodingLabel, .codePage, .extraDeclaration, .missingNamespace, .rawPlaceholder,
                .literalEnvironmentToken, .doubledScheme:
                .repair
            case .localBoundary, .refusedTrigger, .noTrigger, .emptySet, .calendarDuration, .unknownElement,
                .refusedElement, .secretInClear, .expiryWithoutEnd:
                .warning
            case .tooLarge, .undecodable, .malformedXML, .documentType, .limit, .wrongRoot, .wrongNamespace,
                .missingElement, .duplicateElement, .invalidValue, .missingPlaceholder, .refusedAction,
                .refusedOption, .invalidCommand:
                .error
            }
        }
    }
}
