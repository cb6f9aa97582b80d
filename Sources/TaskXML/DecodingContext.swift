import CommandRequests

/// What reading a file has found so far: diagnostics and verdicts, each with its place.
struct DecodingContext {
    let lines: LineTable
    /// The value of a placeholder, or nil.
    let lookup: (String) -> String?
    private(set) var diagnostics: [TaskDiagnostic] = []
    private(set) var verdicts: [TaskVerdict] = []

    init(lines: LineTable, lookup: @escaping (String) -> String?) {
        self.lines = lines
        self.lookup = lookup
    }

    mutating func report(
        _ code: TaskDiagnostic.Code, _ message: String, hint: String? = nil, at offset: Int
    ) {
        let diagnostic = TaskDiagnostic(code, message, hint: hint, at: lines.position(at: offset))
        if diagnostics.count < TaskLimits.diagnosticsMax {
            diagnostics.append(diagnostic)
        } else if diagnostics.count == TaskLimits.diagnosticsMax {
            diagnostics.append(
                TaskDiagnostic(
                    .limit,
                    "the file has more than \(TaskLimits.diagnosticsMax) problems; the rest is left out",
                    at: diagnostic.position))
        }
    }

    /// Reads a value or a command line, and reports what was found.
    mutating func read<Value>(_ body: (inout CommandReading) -> Value) -> Value {
        var reading = CommandReading(lookup: lookup)
        let value = body(&reading)
        for finding in reading.findings {
            report(.init(finding.code), finding.message, hint: finding.hint, at: finding.offset)
        }
        return value
    }

    /// Attributes that have a meaning to Task Scheduler, and why they have none here.
    private static let knownAttributes = [
        "version": "elements of every version are read", "id": "only a name",
        "Context": "the account of a Windows principal",
    ]

    /// Gives a verdict on an element, and on its attributes.
    mutating func rule(
        _ ruling: TaskVerdict.Ruling, _ note: String = "", path: String, at element: XMLElement
    ) {
        append(ruling, note, path, at: element.offset)
        for attribute in element.attributes {
            let attributePath = "\(path)/@\(attribute.name)"
            if let known = Self.knownAttributes[attribute.name] {
                append(.ignored, known, attributePath, at: attribute.offset)
                continue
            }
            report(
                .unknownElement,
                "the attribute \(attribute.name) is not known in <\(element.name)>; it is left out",
                at: attribute.offset)
            append(.refused, "unknown", attributePath, at: attribute.offset)
        }
    }

    /// Gives the same verdict to an element and everything in it.
    mutating func ruleTree(
        _ ruling: TaskVerdict.Ruling, _ note: String = "", path: String, at element: XMLElement
    ) {
        append(ruling, note, path, at: element.offset)
        for attribute in element.attributes {
            append(ruling, note, "\(path)/@\(attribute.name)", at: attribute.offset)
        }
        for (child, childPath) in Self.numbered(element.children, in: path) {
            ruleTree(ruling, note, path: childPath, at: child)
        }
    }

    private mutating func append(
        _ ruling: TaskVerdict.Ruling, _ note: String, _ path: String, at offset: Int
    ) {
        verdicts.append(
            TaskVerdict(path: path, ruling: ruling, note: note, position: lines.position(at: offset)))
    }

    /// Takes back what was said of the element at `path`: what it holds makes it of no use.
    mutating func refuse(_ path: String, _ why: String) {
        guard let index = verdicts.lastIndex(where: { $0.path == path }) else { return }
        verdicts[index].ruling = .refused
        verdicts[index].note = why
    }

    /// Elements with their paths, numbered from 1 where a name stands several times.
    static func numbered(_ elements: [XMLElement], in path: String) -> [(XMLElement, String)] {
        var totals: [String: Int] = [:]
        for element in elements { totals[element.name, default: 0] += 1 }
        var counts: [String: Int] = [:]
        return elements.map { element in
            counts[element.name, default: 0] += 1
            let number = totals[element.name] == 1 ? "" : "[\(counts[element.name] ?? 1)]"
            return (element, "\(path)/\(element.name)\(number)")
        }
    }
}
