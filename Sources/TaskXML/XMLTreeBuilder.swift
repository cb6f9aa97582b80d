import CExpat
import CommandRequests

/// Builds the tree from expat's callbacks, and stops the parser at the first fault.
@safe final class XMLTreeBuilder {
    /// Set while the parser runs.
    var parser: XML_Parser?

    private let source: [UInt8]
    private var open: [XMLElement] = []
    private var root: XMLElement?
    private var comments: [XMLComment] = []
    private var instructions: [(target: String, offset: Int)] = []
    private var elements = 0
    private var fault: XMLFault?

    init(_ source: [UInt8]) {
        self.source = source
    }

    /// Where the parser is, in bytes of the text.
    var offset: Int {
        guard let parser = unsafe parser else { return 0 }
        return unsafe max(0, CExpat_byteIndex(parser))
    }

    /// Where the tag or declaration begins that the parser is in.
    var startOfMarkup: Int { source[..<offset].lastIndex(of: UInt8(ascii: "<")) ?? offset }

    /// The document, or the first fault that was met.
    func finish() throws(XMLFault) -> XMLDocument {
        if let fault { throw fault }
        guard let root else {
            throw XMLFault(reason: .malformed, message: "the file has no element", offset: 0)
        }
        return XMLDocument(root: root, comments: comments, instructions: instructions)
    }

    /// Keeps the fault, unless there was one before, and stops the parser.
    func fail(_ reason: XMLFault.Reason, _ message: String, hint: String? = nil, at offset: Int) {
        guard fault == nil else { return }
        fault = XMLFault(reason: reason, message: message, hint: hint, offset: offset)
        // Stopping a parser that has ended already is refused by expat, and that is fine.
        if let parser = unsafe parser { _ = unsafe XML_StopParser(parser, XML_Bool(XML_FALSE)) }
    }

    func start(_ name: String, _ attributes: [XMLAttribute]) {
        guard fault == nil else { return }
        elements += 1
        if elements > TaskLimits.elementsMax {
            return fail(.limit, "the file has more than \(TaskLimits.elementsMax) elements", at: offset)
        }
        if open.count >= TaskLimits.depthMax {
            return fail(.limit, "elements are nested more than \(TaskLimits.depthMax) deep", at: offset)
        }
        if attributes.count > TaskLimits.attributesMax {
            return fail(.limit, "an element has more than \(TaskLimits.attributesMax) attributes", at: offset)
        }
        let parts = name.split(separator: "\n", maxSplits: 1)
        open.append(
            XMLElement(
                name: String(parts.last ?? ""), namespace: parts.count == 2 ? String(parts[0]) : nil,
                attributes: attributes, text: MappedText(at: endOfTag(from: offset)), offset: offset))
    }

    func end() {
        guard fault == nil, let element = open.popLast() else { return }
        if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
    }

    /// One piece of text. expat hands over an entity, a line end and a run of plain bytes in calls of their
    /// own, so only a run has more than one byte that stands as such in the file.
    func characters(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard fault == nil, !open.isEmpty else { return }
        let start = offset
        let isEntity = source[start...].first == UInt8(ascii: "&")
        for index in 0..<bytes.count {
            unsafe open[open.count - 1].text.append(bytes[index], from: isEntity ? start : start + index)
        }
    }

    func comment(_ text: String) {
        guard fault == nil else { return }
        comments.append(XMLComment(text: text, offset: offset, isAfterRoot: root != nil))
    }

    func instruction(_ target: String) {
        guard fault == nil else { return }
        instructions.append((target, offset))
    }

    /// Where the attributes of the start tag that the parser is at begin, by their local names.
    ///
    /// expat does not tell. It has checked the tag by now, so that names, `=` and quoted values alternate.
    func attributeOffsets() -> [String: Int] {
        var offsets: [String: Int] = [:]
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
        let isEnd: (UInt8) -> Bool = { $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "/") }
        var rest = source[offset...].drop { !isBlank($0) && !isEnd($0) }.drop(while: isBlank)
        while let first = rest.first, !isEnd(first) {
            let name = rest.prefix { !isBlank($0) && $0 != UInt8(ascii: "=") }
            rest = rest.drop { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "'") }
            guard let quote = rest.popFirst() else { break }
            let local = name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
            offsets[String(decoding: local, as: UTF8.self)] = name.startIndex
            rest = rest.drop { $0 != quote }.dropFirst().drop(while: isBlank)
        }
        return offsets
    }

    private func endOfTag(from offset: Int) -> Int {
        source[offset...].firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 } ?? source.count
    }
}
