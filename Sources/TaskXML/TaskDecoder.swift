import CommandRequests

/// From the tree of a document to tasks. It goes on after a fault, so that all are reported at once.
struct TaskDecoder {
    static let namespace = "http://schemas.microsoft.com/windows/2004/02/mit/task"

    var context: DecodingContext
    var task = TaskDefinition()
    /// Where DeleteExpiredTaskAfter stands, if it does.
    var expiryOffset: Int?

    init(context: DecodingContext) {
        self.context = context
    }

    /// The tasks of a document whose root is `Task`, or `Tasks` with several.
    static func tasks(
        of document: XMLDocument, lines: LineTable, lookup: @escaping (String) -> String?,
        fileContext: inout DecodingContext
    ) -> [TaskDefinition] {
        for instruction in document.instructions {
            fileContext.report(
                .unknownElement,
                "the processing instruction <?\(instruction.target)?> is not known; it is left out",
                at: instruction.offset)
        }
        for comment in document.comments where comment.isAfterRoot {
            fileContext.report(
                .trailingComment, "a comment stands after the task; XML allows it, some programs do not",
                at: comment.offset)
        }
        let utcComment = document.comments.first { claimsUTC($0.text) }
        let root = document.root
        let elements: [XMLElement]
        switch root.name {
        case "Task": elements = [root]
        case "Tasks" where root.children.count <= TaskLimits.tasksMax: elements = root.children
        case "Tasks":
            fileContext.report(.limit, "the file has more than \(TaskLimits.tasksMax) tasks", at: root.offset)
            return []
        default:
            fileContext.report(
                .wrongRoot, "the root element is <\(root.name)>, not <Task>",
                hint: "only files of Windows Task Scheduler are read", at: root.offset)
            return []
        }
        if elements.isEmpty {
            fileContext.report(.missingElement, "<Tasks> holds no <Task>", at: root.offset)
        }
        return elements.enumerated().compactMap { index, element in
            guard element.name == "Task" else {
                fileContext.report(
                    .wrongRoot, "<\(element.name)> stands where a <Task> should be", at: element.offset)
                return nil
            }
            let path =
                root.name == "Task" ? "/Task" : "/Tasks/Task" + (elements.count == 1 ? "" : "[\(index + 1)]")
            var decoder = TaskDecoder(context: DecodingContext(lines: lines, lookup: lookup))
            return decoder.decode(element, path: path, utcComment: utcComment)
        }
    }

    private mutating func decode(_ element: XMLElement, path: String, utcComment: XMLComment?)
        -> TaskDefinition
    {
        task.position = context.lines.position(at: element.offset)
        task.utcClaim = utcComment.map { context.lines.position(at: $0.offset) }
        context.rule(.honoured, path: path, at: element)
        checkNamespace(of: element)
        checkVersion(element)
        visit(element, path: path) { decoder, child, childPath in
            switch child.name {
            case "RegistrationInfo": decoder.decodeRegistration(child, path: childPath)
            case "Triggers": decoder.decodeTriggers(child, path: childPath)
            case "Settings": decoder.decodeSettings(child, path: childPath)
            case "Actions": decoder.decodeActions(child, path: childPath)
            case "Principals":
                decoder.context.ruleTree(
                    .ignored, "the daemon runs every job as its own user", path: childPath, at: child)
            case "Data":
                decoder.decodeData(child, path: childPath)
            default: return false
            }
            return true
        }
        if element.child("Actions") == nil {
            context.report(
                .missingElement, "the task has no <Actions>", hint: "a task does nothing without an action",
                at: element.offset)
        }
        checkTriggers(element)
        if task.request == nil, !context.diagnostics.contains(where: { $0.severity == .error }) {
            context.report(
                .missingElement, "no action of the task makes a request",
                hint: "write an <Exec> that calls curl",
                at: element.child("Actions")?.offset ?? element.offset)
        }
        task.diagnostics = context.diagnostics
        task.verdicts = context.verdicts
        return task
    }

    /// Visits the children of `element`; `body` answers false for those that it does not know.
    ///
    /// An element that stands twice where it may stand once is an error, and only the first is visited.
    mutating func visit(
        _ element: XMLElement, path: String, repeatable: Bool = false,
        _ body: (inout TaskDecoder, XMLElement, String) -> Bool
    ) {
        var seen: Set<String> = []
        for (child, childPath) in DecodingContext.numbered(element.children, in: path) {
            if !seen.insert(child.name).inserted && !repeatable {
                context.report(
                    .duplicateElement, "<\(child.name)> stands twice in <\(element.name)>",
                    hint: "keep one of the two", at: child.offset)
                context.ruleTree(.refused, "stands twice", path: childPath, at: child)
            } else if child.namespace != element.namespace || !body(&self, child, childPath) {
                context.report(
                    .unknownElement, "<\(child.name)> is not known in <\(element.name)>; it is left out",
                    hint: "Task Scheduler refuses such a file with 0x80041316 or 0x80041317", at: child.offset
                )
                context.ruleTree(.refused, "unknown", path: childPath, at: child)
            }
        }
    }

    private mutating func checkNamespace(of element: XMLElement) {
        switch element.namespace {
        case Self.namespace: break
        case nil:
            context.report(
                .missingNamespace, "<Task> is in no namespace; read as a task",
                hint: "Task Scheduler wants xmlns=\"\(Self.namespace)\"", at: element.offset)
        case let other?:
            context.report(
                .wrongNamespace, "<Task> is in the namespace \(CommandReading.excerpt(other))",
                hint: "a task file has xmlns=\"\(Self.namespace)\"", at: element.offset)
        }
    }

    /// Versions are 1.0 to 1.6; the elements that each of them added are read in every version.
    private mutating func checkVersion(_ element: XMLElement) {
        guard let version = element.attributes.first(where: { $0.name == "version" })?.value else { return }
        let parts = version.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...4).contains(parts.count), parts[0] == "1", Int(parts[1]).map((0...6).contains) ?? false,
            parts.dropFirst(2).allSatisfy({ Int($0) != nil })
        else {
            context.report(
                .invalidValue,
                "the version of the task is \(CommandReading.excerpt(version)), not 1.0 to 1.6",
                at: element.offset)
            return
        }
    }

    /// Task Scheduler keeps it for other programs; Almanac puts options there that no element can state.
    private mutating func decodeData(_ element: XMLElement, path: String) {
        let text = element.text.trimmed
        guard text.starts(with: TaskDefinition.Options.mark), element.children.isEmpty else {
            return context.ruleTree(.ignored, "Task Scheduler only carries it", path: path, at: element)
        }
        let options = text[TaskDefinition.Options.mark.utf8.count...].trimmed
        let position = context.lines.position(at: options.offset(at: 0))
        task.options = TaskDefinition.Options(options.string, position: position)
        context.rule(.honoured, "options of the job that no element states", path: path, at: element)
    }

    private mutating func decodeRegistration(_ element: XMLElement, path: String) {
        context.rule(.honoured, path: path, at: element)
        let about = "it describes the task and changes no run"
        visit(element, path: path) { decoder, child, childPath in
            switch child.name {
            case "URI":
                decoder.task.registration.uri = decoder.context.filled(child.text)
                decoder.context.rule(.honoured, "names the job", path: childPath, at: child)
            case "Author":
                decoder.task.registration.author = decoder.context.filled(child.text)
                decoder.context.rule(.ignored, about, path: childPath, at: child)
            case "Description":
                decoder.task.registration.description = decoder.context.filled(child.text)
                decoder.noteClaim(in: child)
                decoder.context.rule(.honoured, "describes the job", path: childPath, at: child)
            case "Documentation":
                decoder.noteClaim(in: child)
                decoder.context.rule(.ignored, about, path: childPath, at: child)
            case "Date", "Source", "Version":
                decoder.context.rule(.ignored, about, path: childPath, at: child)
            case "SecurityDescriptor":
                decoder.context.rule(.ignored, "the rights of Windows accounts", path: childPath, at: child)
            default: return false
            }
            return true
        }
    }

    private mutating func noteClaim(in element: XMLElement) {
        guard task.utcClaim == nil, Self.claimsUTC(element.text.string) else { return }
        task.utcClaim = context.lines.position(at: element.text.trimmed.offset(at: 0))
    }

    /// Whether a text for people says that times are UTC.
    private static func claimsUTC(_ text: String) -> Bool {
        text.uppercased().split { !$0.isLetter }.contains { $0 == "UTC" || $0 == "GMT" || $0 == "ZULU" }
    }
}
