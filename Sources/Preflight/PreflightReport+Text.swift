import CivilTime
import Records
package import RunModel

extension PreflightReport {
    /// The report for people: groups in which all passes are one line, and the last line says whether all is ready.
    package func short(allowsUnsigned: Bool) -> String {
        var lines: [String] = []
        for group in groups {
            let of = results.filter { $0.check.group == group.id }
            guard !of.isEmpty else { continue }
            let passed = of.count { $0.result.status == .pass }
            lines.append(Self.padded(group.title, "\(passed) of \(of.count)"))
            guard passed < of.count else { continue }
            let width = min(of.map(\.check.id.count).max() ?? 0, 28)
            for (check, result) in of {
                let name = check.id + String(repeating: " ", count: max(width - check.id.count, 0))
                lines.append("  \(Self.mark(result.status)) \(name)  \(result.evidence)")
                if let hint = result.hint { lines.append("      hint: \(hint)") }
            }
        }
        return (lines + [verdict(allowsUnsigned: allowsUnsigned)]).joined(separator: "\n")
    }

    /// The counts, and whether all is ready, in a line.
    package func verdict(allowsUnsigned: Bool) -> String {
        let byHand = results.filter(\.check.isManual)
        let signed = byHand.count { $0.result.status != .manual }
        var counts = ["\(results.count { $0.result.status == .pass && !$0.check.isManual }) passed"]
        if count(.fail) > 0 { counts.append("\(count(.fail)) failed") }
        if count(.warn) > 0 { counts.append(count(.warn) == 1 ? "1 warning" : "\(count(.warn)) warnings") }
        if !byHand.isEmpty { counts.append("\(byHand.count) manual (\(signed) signed)") }
        let end: String =
            if isReady(allowsUnsigned: allowsUnsigned) {
                "ready"
            } else if count(.fail) > 0 {
                "not ready: \(count(.fail)) must be repaired"
            } else {
                "not ready: \(count(.manual)) must be signed"
            }
        return counts.joined(separator: ", ") + "; " + end
    }

    /// The list as people ticked it by hand: boxes, evidence, initials and dates.
    package func markdown(allowsUnsigned: Bool) -> String {
        var lines: [String] = []
        for group in groups {
            let of = results.filter { $0.check.group == group.id }
            guard !of.isEmpty else { continue }
            lines += (lines.isEmpty ? [] : [""]) + ["## \(group.title)"]
            var section: String?
            for (check, result) in of {
                if check.section != section {
                    section = check.section
                    lines += section.map { ["", "### \($0)"] } ?? []
                }
                if lines.last?.hasPrefix("#") ?? true { lines.append("") }
                lines.append("- [\(result.status == .pass ? "x" : " ")] \(check.title)")
                var facts = ["\(result.status.rawValue): \(result.evidence.inMarkdown)"]
                if let signature = signatures[check.id] {
                    facts.append("\(signature.initials.inMarkdown), \(signature.at.rfc3339.prefix(10))")
                }
                lines.append("  - " + facts.joined(separator: " — "))
                if let hint = result.hint { lines.append("  - hint: \(hint.inMarkdown)") }
            }
            let signers = Set(of.compactMap { signatures[$0.check.id]?.initials }).sorted()
            let last = of.compactMap { signatures[$0.check.id]?.at }.max()
            lines += [
                "",
                "**Initial**: \(signers.isEmpty ? "_______" : signers.map(\.inMarkdown).joined(separator: ", ")) "
                    + "**Date**: \(last.map { String($0.rfc3339.prefix(10)) } ?? "_______")",
            ]
        }
        return (lines + ["", verdict(allowsUnsigned: allowsUnsigned)]).joined(separator: "\n")
    }

    /// The report for programs.
    package var json: JSONValue {
        .object([
            .init(
                "checks",
                .array(
                    results.map { check, result in
                        .object([
                            .init("id", .string(check.id)), .init("group", .string(check.group)),
                            .init("title", .string(check.title)),
                            .init("status", .string(result.status.rawValue)),
                            .init("evidence", .string(result.evidence)),
                            .init("hint", JSONValue(result.hint)),
                        ])
                    }))
        ])
    }

    private static func mark(_ status: CheckResult.Status) -> String {
        switch status {
        case .pass: "✓"
        case .fail: "✗"
        case .warn: "!"
        case .manual: "☐"
        }
    }

    private static let lineWidth = 78

    private static func padded(_ left: String, _ right: String) -> String {
        left + String(repeating: " ", count: max(lineWidth - left.count - right.count, 2)) + right
    }
}

extension String {
    /// The text as Markdown that shows it: what would be a mark there is escaped, and line ends are blanks.
    fileprivate var inMarkdown: String {
        String(
            flatMap { character -> String in
                if character.isNewline { return " " }
                return #"\`*_[]<>#|~"#.contains(character) ? "\\\(character)" : String(character)
            })
    }
}

extension Signature {
    /// The first letters of the signer's names.
    fileprivate var initials: String {
        let letters = by.split { $0 == " " || $0 == "." }.compactMap(\.first)
        return letters.count > 1 ? String(letters).uppercased() : by
    }
}
