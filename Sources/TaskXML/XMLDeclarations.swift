import CommandRequests

/// The `<?xml … ?>` declarations of a file: there may be several, and they may be wrong.
enum XMLDeclarations {
    /// Compares the first declaration with what the bytes are, and turns all later ones into blanks.
    ///
    /// `schtasks /query /xml` writes one declaration for each task.
    static func check(_ text: inout [UInt8], _ decoded: DecodedText, _ context: inout DecodingContext) {
        var index = 0
        var isLabelled = false
        while let start = next(in: text, from: index) {
            let end = end(of: start, in: text)
            if let label = encodingLabel(in: text, start..<end) {
                isLabelled = true
                if !decoded.encoding.isLabelled(truly: label.name) {
                    context.report(
                        .encodingLabel,
                        "the file says that it is \(CommandReading.excerpt(label.name)), and its bytes are"
                            + " \(decoded.encoding.rawValue); the bytes count", at: label.offset)
                }
            }
            if start > 0 {
                context.report(
                    .extraDeclaration, "an XML declaration stands elsewhere than at the beginning; left out",
                    at: start)
                for position in start..<end where text[position] != 0x0a && text[position] != 0x0d {
                    text[position] = UInt8(ascii: " ")
                }
            }
            index = end
        }
        if decoded.encoding == .windows1252, !isLabelled {
            context.report(
                .codePage, "the bytes are not UTF-8; read as windows-1252", hint: "save the file as UTF-16",
                at: 0)
        }
    }

    private static func next(in text: [UInt8], from index: Int) -> Int? {
        var index = index
        while let open = text[index...].firstIndex(of: UInt8(ascii: "<")) {
            if text[open...].starts(with: "<?xml".utf8), open + 5 < text.count,
                [0x20, 0x09, 0x0a, 0x0d].contains(text[open + 5])
            {
                return open
            }
            index = open + 1
        }
        return nil
    }

    private static func end(of start: Int, in text: [UInt8]) -> Int {
        var index = start
        while let question = text[index...].firstIndex(of: UInt8(ascii: "?")) {
            if text[(question + 1)...].first == UInt8(ascii: ">") { return question + 2 }
            index = question + 1
        }
        return text.count
    }

    private static func encodingLabel(in text: [UInt8], _ range: Range<Int>) -> (name: String, offset: Int)? {
        let key = Array("encoding".utf8)
        guard let start = range.first(where: { text[$0..<range.upperBound].starts(with: key) }) else {
            return nil
        }
        let isQuote: (UInt8) -> Bool = { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }
        guard let open = text[start..<range.upperBound].firstIndex(where: isQuote),
            let close = text[(open + 1)..<range.upperBound].firstIndex(of: text[open])
        else { return nil }
        return (String(decoding: text[(open + 1)..<close], as: UTF8.self), open + 1)
    }
}
