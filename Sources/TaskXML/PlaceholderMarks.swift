import CommandRequests

/// Placeholders between raw angle brackets, `<API_BASE_URL>`, which make a file that is not XML.
///
/// Each `<` and `>` of one becomes a DELETE character, so that the file can be read strictly and no byte
/// changes its place. Values are put in later, into words that have been cut already: whatever a value holds,
/// it can change neither the XML nor a command line.
enum PlaceholderMarks {
    struct Found: Equatable {
        var name: String
        var offset: Int
    }

    /// Marks the raw placeholders in `text` and answers them in their order.
    ///
    /// A placeholder is an upper-case name between angle brackets that is closed nowhere in the file; `URI`,
    /// the one such name of the schema, is never one.
    static func mark(_ text: inout [UInt8]) -> [Found] {
        let closed = closedNames(in: text)
        var found: [Found] = []
        var index = 0
        while let open = text[index...].firstIndex(of: UInt8(ascii: "<")) {
            if text[open...].starts(with: "<!--".utf8) {
                index = endOfComment(from: open, in: text)
                continue
            }
            index = open + 1
            let end = text[index...].firstIndex { !ValueForm.isPlaceholderByte($0) } ?? text.endIndex
            guard end - index >= 2, end < text.endIndex, text[end] == UInt8(ascii: ">"),
                ValueForm.isCapital(text[index])
            else {
                continue
            }
            let name = String(decoding: text[index..<end], as: UTF8.self)
            guard name != "URI", !closed.contains(name) else { continue }
            found.append(Found(name: name, offset: open))
            text[open] = ValueForm.mark
            text[end] = ValueForm.mark
            index = end + 1
        }
        return found
    }

    /// Upper-case names of closing tags.
    private static func closedNames(in text: [UInt8]) -> Set<String> {
        var names: Set<String> = []
        for index in text.indices.dropLast(2) where text[index] == UInt8(ascii: "<") {
            guard text[index + 1] == UInt8(ascii: "/"), ValueForm.isCapital(text[index + 2]) else { continue }
            let end = text[(index + 2)...].firstIndex { !ValueForm.isPlaceholderByte($0) } ?? text.endIndex
            names.insert(String(decoding: text[(index + 2)..<end], as: UTF8.self))
        }
        return names
    }

    private static func endOfComment(from open: Int, in text: [UInt8]) -> Int {
        var index = open + 4
        while index + 2 < text.count {
            if text[index] == UInt8(ascii: "-"), text[index + 1] == UInt8(ascii: "-"),
                text[index + 2] == UInt8(ascii: ">")
            {
                return index + 3
            }
            index += 1
        }
        return text.count
    }
}
