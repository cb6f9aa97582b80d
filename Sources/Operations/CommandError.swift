package import Host
package import Records

/// An error that ends a command: what happened, what to do about it, and the exit status.
package struct CommandError: Error, Sendable, Equatable {
    /// The status with which the process ends.
    package var code: ExitStatus
    /// What happened, as it is printed after `error: `.
    package var message: String
    /// What to do about it, as it is printed after `hint: `; nil when nothing in particular helps.
    package var hint: String?

    package init(_ code: ExitStatus, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}

extension CommandError {
    /// The error that shows all problems of the configuration; nil when there is none.
    init?(_ problems: [Configuration.Problem]) {
        guard let last = problems.last else { return nil }
        var lines = problems.dropLast().map(\.rendered)
        lines.append(last.rendered)
        // The last hint is printed by whoever prints the error.
        let text = lines.joined(separator: "\nerror: ")
        self.init(.configuration, String(text.dropLast("\nhint: ".count + last.hint.count)), hint: last.hint)
    }
}

extension CommandError {
    /// The error of a store that ends a command.
    package init(_ error: StoreError) {
        let code: ExitStatus =
            switch error.reason {
            case .unreachable, .schema, .refused, .unregistered, .ahead: .configuration
            case .busy: .tryAgain
            case .defect: .software
            }
        self.init(code, "store: \(error.message)", hint: error.hint)
    }

    /// The error of this machine that ends a command.
    package init(_ error: HostError) {
        self.init(.configuration, error.message, hint: error.hint)
    }
}
