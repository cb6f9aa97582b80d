extension TaskDecoder {
    mutating func decodeActions(_ element: XMLElement, path: String) {
        context.rule(.honoured, path: path, at: element)
        guard element.children.count <= TaskLimits.actionsMax else {
            context.report(
                .limit, "the task has more than \(TaskLimits.actionsMax) actions",
                at: element.children[TaskLimits.actionsMax].offset)
            return
        }
        var actions = 0
        visit(element, path: path, repeatable: true) { decoder, child, childPath in
            switch child.name {
            case "Exec":
                actions += 1
                if actions == 1 {
                    decoder.decodeExec(child, path: childPath)
                } else {
                    decoder.refuseAction(
                        child, childPath, "a job makes one request, and this is action \(actions)",
                        hint: "write a task for each action")
                }
            case "ComHandler":
                decoder.refuseAction(child, childPath, "a COM class of Windows cannot be called")
            case "SendEmail", "ShowMessage":
                decoder.refuseAction(child, childPath, "Windows itself gave it up with version 8")
            default: return false
            }
            return true
        }
        if element.children.isEmpty {
            context.report(.missingElement, "<Actions> is empty", at: element.offset)
        }
    }

    private mutating func refuseAction(
        _ element: XMLElement, _ path: String, _ why: String, hint: String? = nil
    ) {
        context.report(
            .refusedAction, "the action <\(element.name)> is not done: \(why)",
            hint: hint ?? "only an <Exec> that calls an HTTP URL becomes a job", at: element.offset)
        context.ruleTree(.refused, why, path: path, at: element)
    }

    private mutating func decodeExec(_ element: XMLElement, path: String) {
        context.rule(.translated, "becomes an HTTP request; no process is started", path: path, at: element)
        var command: XMLElement?
        var arguments = MappedText(at: element.offset)
        visit(element, path: path) { decoder, child, childPath in
            switch child.name {
            case "Command": command = child
            case "Arguments": arguments = child.text.trimmed
            case "WorkingDirectory":
                decoder.context.rule(.ignored, "a request has no directory", path: childPath, at: child)
                return true
            default: return false
            }
            decoder.context.rule(.translated, "becomes an HTTP request", path: childPath, at: child)
            return true
        }
        guard let command else {
            context.report(
                .missingElement, "<Exec> has no <Command>", hint: "it names the program", at: element.offset)
            return
        }
        let program = WindowsCommandLine.program(command.text)
        guard program.count + arguments.count < TaskLimits.commandLineUnitsMax else {
            context.report(
                .limit, "the command line is longer than \(TaskLimits.commandLineUnitsMax) characters",
                at: command.offset)
            return
        }
        switch WindowsCommandLine.programName(program.string) {
        case "curl":
            task.request = CurlCommand.request(
                from: WindowsCommandLine.split(arguments), at: program.offset(at: 0), &context)
        case "powershell", "pwsh":
            task.request = PowerShellCommand.request(
                from: WindowsCommandLine.split(arguments), at: program.offset(at: 0), &context)
        default:
            refuseProgram(program)
        }
    }

    private mutating func refuseProgram(_ program: MappedText) {
        // A whole command line may stand where only a program should, and hold a secret.
        let words = program.string.split(separator: " ", omittingEmptySubsequences: false)
        let name = words.prefix { !$0.hasPrefix("-") && !$0.hasPrefix("/") && !$0.contains(":/") }
        let isCommandLine = name.count < words.count
        let shown = DecodingContext.excerpt(name.joined(separator: " "))
        context.report(
            .refusedAction, "the program \(shown) is not run: no process is started for a task",
            hint: isCommandLine
                ? "write only the program in <Command>, and the rest in <Arguments>"
                : "only curl, and PowerShell's Invoke-RestMethod and Invoke-WebRequest, become requests",
            at: program.offset(at: 0))
    }
}
