/// Secrets that stand in clear text in a URL or a body: values of parameters (`token=…`) and of members of JSON
/// (`"token": "…"`) whose names say that they are secret.
package struct ClearSecrets: Sendable, Equatable {
    /// The names of such values, in their order.
    package private(set) var names: [String] = []
    /// The values themselves.
    package private(set) var values: [String] = []
    /// The text as it may be shown: each such value is `***`, and references stay.
    package private(set) var shown: String

    /// Finds them in `text`.
    package init(in text: TemplateText) {
        let description = text.description
        let bytes = Array(description.utf8)
        guard bytes.contains(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "\"") }) else {
            // Nothing has a name here, as in most URLs.
            shown = description
            return
        }
        var masked: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let name = bytes[index...].prefix(while: Self.isNameByte)
            guard !name.isEmpty else {
                masked.append(bytes[index])
                index += 1
                continue
            }
            masked += name
            index = name.endIndex
            guard let start = Self.startOfValue(in: bytes, after: index),
                SecretName.holds(String(decoding: name, as: UTF8.self))
            else { continue }
            let value = Self.value(in: bytes, from: start, isMember: bytes[index] == UInt8(ascii: "\""))
            masked += bytes[index..<start]
            index = value.endIndex
            let clear = Self.elements(of: value).filter { Self.endOfReference($0) != $0.endIndex }
            if clear.isEmpty {
                masked += value
            } else {
                names.append(String(decoding: name, as: UTF8.self))
                values += clear.map { String(decoding: $0, as: UTF8.self) }
                masked += "***".utf8
            }
        }
        shown = String(decoding: masked, as: UTF8.self)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Where the value begins, behind `=` or `": "`.
    private static func startOfValue(in bytes: [UInt8], after end: Int) -> Int? {
        var rest = bytes[end...]
        let isMember = rest.first == UInt8(ascii: "\"")
        if isMember { rest = rest.dropFirst().drop(while: isBlank) }
        guard rest.popFirst() == UInt8(ascii: isMember ? ":" : "=") else { return nil }
        rest = rest.drop(while: isBlank)
        if rest.first == UInt8(ascii: "\"") { rest = rest.dropFirst() }
        return rest.startIndex
    }

    /// A value, up to what ends it: its quote, or in a query and a form what comes before the next parameter, or in JSON
    /// before the next member, or the bracket of a list or an object. What is in a reference ends nothing.
    private static func value(
        in bytes: [UInt8], from start: Int, isMember: Bool
    ) -> ArraySlice<UInt8> {
        let isQuoted = bytes[start - 1] == UInt8(ascii: "\"")
        if isMember, !isQuoted, let first = bytes[start...].first, "[{".utf8.contains(first) {
            return bytes[start..<endOfGroup(in: bytes, from: start)]
        }
        let isInQuery = { bytes[..<start].contains(UInt8(ascii: "?")) }
        let ends = isQuoted ? "\"" : isMember ? ",}] \t\r\n" : isInQuery() ? "&#\"" : "&\""
        var rest = bytes[start...]
        while let byte = rest.first, !ends.utf8.contains(byte) {
            if let end = endOfReference(rest) {
                rest = rest[end...]
            } else {
                rest = rest.dropFirst(isQuoted && byte == UInt8(ascii: "\\") ? 2 : 1)
            }
        }
        return bytes[start..<rest.startIndex]
    }

    /// Where a list or an object of JSON ends, behind its bracket, or the text when it does not close.
    private static func endOfGroup(in bytes: [UInt8], from start: Int) -> Int {
        var depth = 0
        var index = start
        while index < bytes.count {
            if let end = endOfReference(bytes[index...]) {
                index = end
                continue
            }
            if bytes[index] == UInt8(ascii: "\"") {
                index = value(in: bytes, from: index + 1, isMember: true).endIndex
            } else if "[{".utf8.contains(bytes[index]) {
                depth += 1
            } else if "]}".utf8.contains(bytes[index]) {
                depth -= 1
            }
            index += 1
            if depth == 0 { return min(index, bytes.count) }
        }
        return bytes.count
    }

    /// The strings and numbers in a list or an object of JSON, without the names of its members; another value itself,
    /// unless it is empty.
    private static func elements(of value: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        guard let first = value.first else { return [] }
        let bytes = Array(value)
        guard "[{".utf8.contains(first), endOfGroup(in: bytes, from: 0) == bytes.count else { return [value] }
        var found: [ArraySlice<UInt8>] = []
        var index = 0
        while index < bytes.count {
            guard !isBlank(bytes[index]), !"[]{},:".utf8.contains(bytes[index]) else {
                index += 1
                continue
            }
            let isQuoted = bytes[index] == UInt8(ascii: "\"")
            let element = Self.value(in: bytes, from: index + (isQuoted ? 1 : 0), isMember: true)
            index = max(element.endIndex + (isQuoted ? 1 : 0), index + 1)
            let isName = bytes[min(index, bytes.count)...].first { !isBlank($0) } == UInt8(ascii: ":")
            if !isName, !element.isEmpty { found.append(element) }
        }
        return found
    }

    /// Where the reference ends that the text begins with, if it does.
    private static func endOfReference(_ text: ArraySlice<UInt8>) -> Int? {
        guard text.starts(with: "${".utf8) else { return nil }
        return text.firstIndex(of: UInt8(ascii: "}")).map { $0 + 1 }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0a, 0x0d].contains(byte) }
}
