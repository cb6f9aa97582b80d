import CommandRequests

/// A task file as it was read: its tasks, and all there is to know about it at once.
package struct TaskFile: Sendable, Equatable {
    /// Empty when the file is not XML of Task Scheduler; a file is never read in part.
    package private(set) var tasks: [TaskDefinition] = []
    /// What there is to know about the file as a whole, in its order; each task has diagnostics of its own
    /// besides.
    package private(set) var diagnostics: [TaskDiagnostic] = []
    /// What its bytes are; nil when they are no text.
    package private(set) var encoding: TaskEncoding?

    /// Reads a file: bytes, text, placeholders, strict XML, model.
    ///
    /// `placeholders` answers the value of a placeholder such as `API_BASE_URL`, or nil. It is not asked for
    /// secrets (`SecretName`), which stay references. A placeholder without a value is the error
    /// `missing-placeholder`, and stays a reference as well.
    package static func read(_ bytes: [UInt8], placeholders: (String) -> String?) -> TaskFile {
        var file = TaskFile()
        withoutActuallyEscaping(placeholders) { lookup in
            file.decode(bytes, lookup)
        }
        return file
    }

    /// The diagnostics of the file and of its tasks, in the order of the file.
    package var allDiagnostics: [TaskDiagnostic] {
        let all = diagnostics + tasks.flatMap(\.diagnostics)
        return all.enumerated().sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
            .map(\.element)
    }

    /// Whether nothing about it is an error.
    package var isUsable: Bool { !tasks.isEmpty && !allDiagnostics.contains { $0.severity == .error } }

    private mutating func decode(_ bytes: [UInt8], _ lookup: @escaping (String) -> String?) {
        guard bytes.count <= TaskLimits.fileBytesMax else {
            return fail(
                .tooLarge,
                "the file has \(bytes.count) bytes, more than the \(TaskLimits.fileBytesMax) that are read")
        }
        guard !bytes.isEmpty else { return fail(.malformedXML, "the file is empty") }
        let decoded: DecodedText
        do { decoded = try TextDecoding.decode(bytes) } catch {
            return fail(
                .undecodable, "\(error.message) (byte \(error.byteOffset))",
                hint: "save it as UTF-16 with a byte order mark, as Task Scheduler exports it")
        }
        encoding = decoded.encoding
        let lines = LineTable(decoded.utf8)
        var context = DecodingContext(lines: lines, lookup: lookup)
        let document = prepare(decoded, &context)
        if let document {
            tasks = TaskDecoder.tasks(of: document, lines: lines, lookup: lookup, fileContext: &context)
        }
        diagnostics += context.diagnostics
    }

    /// From text to a document; nil after an error.
    private func prepare(_ decoded: DecodedText, _ context: inout DecodingContext) -> XMLDocument? {
        var text = decoded.utf8
        if let fault = text.firstIndex(of: ValueForm.mark) {
            context.report(
                .undecodable, "the file holds the control character DELETE", hint: "remove it", at: fault)
            return nil
        }
        XMLDeclarations.check(&text, decoded, &context)
        let placeholders = PlaceholderMarks.mark(&text)
        guard placeholders.count <= TaskLimits.placeholdersMax else {
            context.report(
                .limit, "the file has more than \(TaskLimits.placeholdersMax) raw placeholders",
                at: placeholders[TaskLimits.placeholdersMax].offset)
            return nil
        }
        for placeholder in placeholders {
            context.report(
                .rawPlaceholder,
                "<\(placeholder.name)> between raw angle brackets is not XML; read as a placeholder",
                hint: "write {{\(placeholder.name)}}", at: placeholder.offset)
        }
        do { return try XMLReader.read(text) } catch {
            let code: TaskDiagnostic.Code =
                switch error.reason {
                case .malformed: .malformedXML
                case .documentType: .documentType
                case .limit: .limit
                }
            context.report(code, error.message, hint: error.hint, at: error.offset)
            return nil
        }
    }

    private mutating func fail(_ code: TaskDiagnostic.Code, _ message: String, hint: String? = nil) {
        diagnostics.append(TaskDiagnostic(code, message, hint: hint, at: TaskPosition(line: 1, column: 1)))
    }
}
