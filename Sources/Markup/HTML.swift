import RunModel

/// A piece of a page in the syntax of HTML.
///
/// Text gets into it escaped, and in no other way: what is not escaped is a literal of the source. So no name, reason or answer
/// can become an element, whoever wrote it.
package struct HTML: Sendable, Equatable {
    /// In UTF-8.
    package private(set) var bytes: [UInt8]

    /// Nothing.
    package init() {
        bytes = []
    }

    /// Text, shown as it is: what would be markup is escaped, and what would not be seen, or would change the order of what
    /// is seen, is written as its code point.
    package init(_ text: String) {
        bytes = []
        HTML.escape(text, into: &bytes)
    }

    /// Markup that is written in the source itself.
    package init(literal: StaticString) {
        bytes = literal.withUTF8Buffer { Array($0) }
    }

    /// A style sheet or a script that is a file of the source, in its element, where nothing is escaped (HTML, 13.2.6.2).
    package init(_ name: StaticString, resource: [UInt8]) {
        let (start, end) = (HTML(name, [], nil), HTML(name, [], HTML()))
        bytes = start.bytes + resource + end.bytes.dropFirst(start.bytes.count)
    }

    /// An element that closes itself.
    init(closing name: StaticString, _ attributes: [Attribute]) {
        self.init(name, attributes, nil)
        bytes.removeLast()
        bytes += [UInt8(ascii: "/"), UInt8(ascii: ">")]
    }

    /// An element, or one without an end tag.
    init(_ name: StaticString, _ attributes: [Attribute], _ content: HTML?) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64 + (content?.bytes.count ?? 0))
        bytes.append(UInt8(ascii: "<"))
        HTML.append(name, to: &bytes)
        for attribute in attributes {
            bytes.append(UInt8(ascii: " "))
            HTML.append(attribute.name, to: &bytes)
            guard let value = attribute.value else { continue }
            bytes.append(UInt8(ascii: "="))
            bytes.append(UInt8(ascii: "\""))
            HTML.escape(value, into: &bytes)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: ">"))
        if let content {
            bytes += content.bytes
            bytes.append(UInt8(ascii: "<"))
            bytes.append(UInt8(ascii: "/"))
            HTML.append(name, to: &bytes)
            bytes.append(UInt8(ascii: ">"))
        }
        self.bytes = bytes
    }

    /// Both, one after the other.
    package static func + (left: HTML, right: HTML) -> HTML {
        var both = left
        both.bytes += right.bytes
        return both
    }

    package static func += (left: inout HTML, right: HTML) {
        left.bytes += right.bytes
    }

    /// Whether there is nothing.
    package var isEmpty: Bool { bytes.isEmpty }

    private static func append(_ name: StaticString, to bytes: inout [UInt8]) {
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private static func escape(_ text: String, into bytes: inout [UInt8]) {
        // Most texts are ASCII, and have nothing to escape.
        guard text.utf8.contains(where: { $0 >= 0x7f || needsCare[Int($0)] }) else {
            bytes.append(contentsOf: text.utf8)
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": bytes.append(contentsOf: "&amp;".utf8)
            case "<": bytes.append(contentsOf: "&lt;".utf8)
            case ">": bytes.append(contentsOf: "&gt;".utf8)
            case "\"": bytes.append(contentsOf: "&quot;".utf8)
            case "'": bytes.append(contentsOf: "&#39;".utf8)
            case _ where scalar.isHidden: bytes.append(contentsOf: "⟨\(scalar.codePoint)⟩".utf8)
            default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
    }

    /// Of each byte of ASCII, whether it is not written as it is.
    private static let needsCare: [Bool] = (0..<128).map { (byte: UInt8) -> Bool in
        switch byte {
        case 0x09, 0x0a: false
        case ..<0x20, 0x7f: true
        default: "&<>\"'".utf8.contains(byte)
        }
    }
}
