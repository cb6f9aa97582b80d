/// One thing to know about a command line: what, where, why and, if something can be done, what to do.
package struct CommandFinding: Sendable, Equatable {
    /// What kind of thing it is; how much it matters is for whoever reads the file around it.
    package enum Code: Sendable {
        /// The command reports success whatever the API answers; here an HTTP error fails the run.
        case statusNotChecked
        /// PowerShell's `$env:NAME` where no PowerShell reads it, so that Windows sends the characters.
        case literalEnvironmentToken
        /// `https://` before a placeholder whose value is a whole URL.
        case doubledScheme
        /// A method in small letters, which curl sends as such.
        case lowerCaseMethod
        /// A header that every request has already, such as `Content-Length`.
        case reservedHeader
        /// The value of a secret stands in the text.
        case secretInClear
        /// An argument in single quotes, which are no quotes to Windows.
        case singleQuotes
        /// A placeholder without a value; it stays a reference.
        case missingPlaceholder
        /// A command that is not an HTTP request.
        case refusedAction
        /// An option of the command that cannot be done here.
        case refusedOption
        /// The command line cannot be read, or makes no request.
        case invalidCommand
        /// `$(Arg0)` and the like, which Task Scheduler fills in when a person or an event starts the task.
        case taskVariable
    }

    /// What kind of thing it is.
    package var code: Code
    /// What was found, without a full stop.
    package var message: String
    /// What to do about it; nil when nothing helps more than the message.
    package var hint: String?
    /// Where it is in the file, in bytes.
    package var offset: Int
}
