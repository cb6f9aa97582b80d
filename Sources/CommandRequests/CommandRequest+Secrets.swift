import RequestText

extension CommandRequest.Header {
    /// The value as it may be shown: of a secret only the references and what names them (`Bearer ${API_KEY}`).
    package var shown: String {
        guard isSecret else { return value.description }
        return value.parts.indices.map { index in
            isClearSecret(at: index) ? "***" : TemplateText([value.parts[index]]).description
        }.joined()
    }

    /// Whether some of a secret stands in the file.
    package var holdsClearSecret: Bool { isSecret && value.parts.indices.contains(where: isClearSecret) }

    /// A word before a reference is a scheme (RFC 9110, section 11.1) or a name; any other text may be the secret.
    private func isClearSecret(at index: Int) -> Bool {
        guard case .literal(let text) = value.parts[index] else { return false }
        let words = text.split { " ;,".contains($0) }
        let isBeforeReference = index + 1 < value.parts.count
        return !words.allSatisfy { word in
            let name = word.last == "=" || word.last == ":" ? word.dropLast() : word
            return isBeforeReference && name.allSatisfy { $0.isLetter || $0 == "-" || $0 == "_" }
        }
    }
}

extension CommandRequest.Header {
    /// The header, or nil after a fault was reported; a secret that stands in clear text is reported as well.
    static func checked(
        _ name: String, _ value: TemplateText, at offset: Int, _ reading: inout CommandReading
    ) -> CommandRequest.Header? {
        let hasControl = value.parts.contains { part in
            guard case .literal(let text) = part else { return false }
            return text.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }
        }
        guard !hasControl else {
            reading.report(
                .invalidCommand, "the value of the header \(name) has a control character", at: offset)
            return nil
        }
        let isSecret = SecretName.holds(name) || value.references.contains { SecretName.holds($0) }
        let header = CommandRequest.Header(name: name, value: value, isSecret: isSecret)
        if header.holdsClearSecret {
            reading.report(
                .secretInClear, "the value of the header \(name) stands in clear text",
                hint: "keep it in the configuration, and write %NAME% here", at: offset)
        }
        return header
    }
}
