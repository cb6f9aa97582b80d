import CommandRequests

extension TaskDecoder {
    mutating func decodeActions(_ element: XMLElement, path: String) {
        guard element.children.count <= TaskLimits.actionsMax else {
            context.report(
                .limit, "the task has more than \(TaskLimits.actionsMax) actions",
                at: element.children[TaskLimits.actionsMax].offset)
            return context.ruleTree(.refused, "too many actions", path: path, at: element)
        }
        context.rule(.honoured, path: path, at: element)
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
        task.request = request(of: element)
        let isRequest = task.request != nil
        let note = isRequest ? "an HTTP request; no process is started" : "it is no HTTP request"
        context.rule(isRequest ? .translated : .refused, note, path: path, at: element)
        visit(element, path: path) { decoder, child, childPath in
            switch child.name {
            case "Command", "Arguments":
                decoder.context.rule(isRequest ? .translated : .refused, note, path: childPath, at: child)
            case "WorkingDirectory":
                decoder.context.rule(.ignored, "a request has no directory", path: childPath, at: child)
            default: return false
            }
            return true
        }
    }

    /// The request that a program makes; nil after a fault was reported.
    private mutating func request(of element: XMLElement) -> CommandRequest? {
        let arguments = element.child("Arguments")?.text.trimmed ?? MappedText(at: element.offset)
        guard let command = element.child("Command") else {
            context.report(
                .missingElement, "<Exec> has no <Command>", hint: "it names the program", at: element.offset)
            return nil
        }
        let program = WindowsCommandLine.program(command.text)
        guard program.count + arguments.count < TaskLimits.commandLineUnitsMax else {
            context.report(
                .limit, "the command line is longer than \(TaskLimits.commandLineUnitsMax) characters",
                at: command.offset)
            return nil
        }
        let name = WindowsCommandLine.programName(program.string)
        switch name {
        case "curl":
            let words = words(of: arguments)
            return context.read { CurlCommand.request(from: words, at: program.offset(at: 0), &$0) }
        case "powershell", "pwsh":
            let words = words(of: arguments)
            return context.read {
                PowerShellCommand.request(of: name, from: words, at: program.offset(at: 0), &$0)
            }
        default:
            refuseProgram(program)
            return nil
        }
    }

    /// The words of a program's arguments, and what is odd about them.
    private mutating func words(of arguments: MappedText) -> [MappedText] {
        let words = WindowsCommandLine.split(arguments)
        let isLineEnd: (UInt8) -> Bool = { $0 == 0x0a || $0 == 0x0d }
        let lineEndsWithin = words.reduce(0) { $0 + $1.bytes.count(where: isLineEnd) }
        if let index = arguments.bytes.firstIndex(where: isLineEnd),
            arguments.bytes.count(where: isLineEnd) > lineEndsWithin
        {
            context.report(
                .wrappedArguments,
                "the arguments go over several lines, and a line end parts no words for Windows; read as a blank",
                hint: "write them in one line", at: arguments.offset(at: index))
        }
        return words
    }

    private mutating func refuseProgram(_ program: MappedText) {
        // A whole command line may stand where only a program should, and hold a secret.
        let words = program.string.split(separator: " ", omittingEmptySubsequences: false)
        let name = words.prefix { !$0.hasPrefix("-") && !$0.hasPrefix("/") && !$0.contains(":/") }
        let isCommandLine = name.count < words.count
        let shown = CommandReading.excerpt(name.joined(separator: " "))
        context.report(
            .refusedAction, "the program \(shown) is not run: no process is started for a task",
            hint: isCommandLine
                ? "write only the program in <Command>, and the rest in <Arguments>"
                : "only curl, and PowerShell's Invoke-RestMethod and Invoke-WebRequest, become requests",
            at: program.offset(at: 0))
    }
}
