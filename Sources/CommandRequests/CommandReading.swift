package import RequestText

/// What reading values and command lines has found so far, and what placeholders stand for.
package struct CommandReading {
    /// The value of a placeholder, or nil.
    private let lookup: (String) -> String?
    /// What there is to know, in the order in which it was found.
    package private(set) var findings: [CommandFinding] = []

    /// A reading that takes the values of placeholders from `lookup`.
    package init(lookup: @escaping (String) -> String?) {
        self.lookup = lookup
    }

    mutating func report(
        _ code: CommandFinding.Code, _ message: String, hint: String? = nil, at offset: Int
    ) {
        findings.append(CommandFinding(code: code, message: message, hint: hint, offset: offset))
    }

    /// Who fills in the variables of a text.
    package enum Expansion {
        /// Nobody: only placeholders stand for something.
        case none
        /// Task Scheduler, which knows `%NAME%` and takes `$env:NAME` for plain text.
        case taskScheduler
    }

    /// The value that a text is once placeholders and variables are taken for what they stand for.
    package mutating func value(of text: MappedText, expansion: Expansion) -> TemplateText {
        var value = TemplateText()
        var plainStart = 0
        var index = 0
        while index < text.count {
            guard let form = ValueForm(in: text, at: index), form.kind == .placeholder || expansion != .none
            else {
                index += 1
                continue
            }
            value.append(.literal(text[plainStart..<index].string))
            value.append(part(for: form, at: text.offset(at: index)))
            index += form.length
            plainStart = index
        }
        value.append(.literal(text[plainStart..<text.count].string))
        return value
    }

    /// What a form stands for outside PowerShell.
    mutating func part(for form: ValueForm, at offset: Int) -> TemplateText.Part {
        switch form.kind {
        case .windowsEnvironment:
            // Names of environment variables know no case on Windows.
            return .reference(form.name.uppercased())
        case .powerShellEnvironment:
            report(
                .literalEnvironmentToken,
                "$env:\(form.name) is PowerShell's way to name a variable, and no PowerShell reads this:"
                    + " Windows sends these \(form.length) characters; read as a reference to \(form.name)",
                hint: "write %\(form.name)%, or keep the header in a file (curl -H @FILE)", at: offset)
            return .reference(form.name.uppercased())
        case .taskVariable:
            report(
                .taskVariable,
                "$(\(form.name)) is filled in by Task Scheduler when a person or an event starts the task,"
                    + " and by nobody here", hint: "write the value", at: offset)
            return .reference(form.name)
        case .placeholder:
            if SecretName.holds(form.name) { return .reference(form.name) }
            if let filling = lookup(form.name) { return .literal(filling) }
            report(
                .missingPlaceholder, "the placeholder \(form.name) has no value",
                hint: "set \(form.name) in the environment of the daemon, or write the value into the file",
                at: offset)
            return .reference(form.name)
        }
    }

    /// The beginning of a text in quotes, without control characters.
    package static func excerpt(_ text: String) -> String {
        if text.isEmpty { return "empty" }
        let shown = text.unicodeScalars.prefix(40).map {
            $0.properties.generalCategory == .control ? "?" : String($0)
        }
        return "\"" + shown.joined() + (text.unicodeScalars.count > 40 ? "…" : "") + "\""
    }
}
