import CExpat

/// Strict XML through expat: no document type, so no entities but the five of XML and no external references;
/// depth and counts bounded.
enum XMLReader {
    /// The document that the UTF-8 `text` is, whatever encoding its declaration names.
    static func read(_ text: [UInt8]) throws(XMLFault) -> XMLDocument {
        guard let length = Int32(exactly: text.count) else {
            throw XMLFault(reason: .limit, message: "the document is larger than 2 GiB", offset: 0)
        }
        guard let parser = ParserHandle() else {
            throw XMLFault(reason: .limit, message: "no memory for the XML parser", offset: 0)
        }
        let builder = XMLTreeBuilder(text)
        parser.parse(text, length: length, into: builder)
        return try builder.finish()
    }
}

/// Owns one expat parser.
@safe private struct ParserHandle: ~Copyable {
    private let raw: XML_Parser

    init?() {
        // A line feed can be in no name, so it parts a name from its namespace. The encoding overrides the
        // declaration.
        guard let raw = unsafe XML_ParserCreateNS("UTF-8", XML_Char(UInt8(ascii: "\n"))) else { return nil }
        unsafe self.raw = raw
    }

    deinit {
        unsafe XML_ParserFree(raw)
    }

    func parse(_ text: [UInt8], length: Int32, into builder: XMLTreeBuilder) {
        unsafe builder.parser = raw
        // The builder outlives the call, and no callback comes after it.
        unsafe XML_SetUserData(raw, Unmanaged.passUnretained(builder).toOpaque())
        unsafe XML_SetElementHandler(raw, startElement, endElement)
        unsafe XML_SetCharacterDataHandler(raw, characterData)
        unsafe XML_SetCommentHandler(raw, comment)
        unsafe XML_SetProcessingInstructionHandler(raw, processingInstruction)
        unsafe XML_SetStartDoctypeDeclHandler(raw, startDocumentType)
        let status = unsafe text.withUnsafeBytes { bytes in
            unsafe XML_Parse(raw, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), length, 1)
        }
        if status != XML_STATUS_OK {
            let code = unsafe XML_GetErrorCode(raw)
            let words = unsafe XML_ErrorString(code).map { unsafe String(cString: $0) } ?? "unknown error"
            builder.fail(
                .malformed, "the file is not well-formed XML: \(words)",
                hint: Self.hint(for: code), at: builder.offset)
        }
        unsafe builder.parser = nil
    }

    private static func hint(for code: XML_Error) -> String? {
        switch code {
        case XML_ERROR_NO_ELEMENTS, XML_ERROR_UNCLOSED_TOKEN, XML_ERROR_UNCLOSED_CDATA_SECTION:
            "the file ends too early: copy it again"
        case XML_ERROR_INVALID_TOKEN, XML_ERROR_UNDEFINED_ENTITY:
            "in a text, write &amp; for & and &lt; for <"
        case XML_ERROR_TAG_MISMATCH:
            "close each element; in a text, write &lt; for <, and {{NAME}} for a placeholder"
        default: nil
        }
    }
}

private func builder(_ userData: UnsafeMutableRawPointer?) -> XMLTreeBuilder? {
    unsafe userData.map { unsafe Unmanaged<XMLTreeBuilder>.fromOpaque($0).takeUnretainedValue() }
}

private func startElement(
    _ userData: UnsafeMutableRawPointer?, _ name: UnsafePointer<XML_Char>?,
    _ attributes: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?
) {
    guard let builder = unsafe builder(userData), let name = unsafe name else { return }
    let offsets = builder.attributeOffsets()
    var pairs: [XMLAttribute] = []
    var index = 0
    // Names and values alternate; a null ends them.
    while let key = unsafe attributes?[index], let value = unsafe attributes?[index + 1] {
        let name = unsafe String(cString: key).split(separator: "\n").last.map(String.init) ?? ""
        let offset = offsets[name] ?? builder.offset
        pairs.append(unsafe XMLAttribute(name: name, value: String(cString: value), offset: offset))
        index += 2
    }
    unsafe builder.start(String(cString: name), pairs)
}

private func endElement(_ userData: UnsafeMutableRawPointer?, _ name: UnsafePointer<XML_Char>?) {
    unsafe builder(userData)?.end()
}

private func characterData(
    _ userData: UnsafeMutableRawPointer?, _ text: UnsafePointer<XML_Char>?, _ length: Int32
) {
    guard let builder = unsafe builder(userData), let text = unsafe text else { return }
    unsafe UnsafeRawBufferPointer(start: text, count: Int(length)).withMemoryRebound(to: UInt8.self) {
        bytes in
        unsafe builder.characters(bytes)
    }
}

private func comment(_ userData: UnsafeMutableRawPointer?, _ text: UnsafePointer<XML_Char>?) {
    guard let builder = unsafe builder(userData), let text = unsafe text else { return }
    unsafe builder.comment(String(cString: text))
}

private func processingInstruction(
    _ userData: UnsafeMutableRawPointer?, _ target: UnsafePointer<XML_Char>?, _ data: UnsafePointer<XML_Char>?
) {
    guard let builder = unsafe builder(userData), let target = unsafe target else { return }
    unsafe builder.instruction(String(cString: target))
}

private func startDocumentType(
    _ userData: UnsafeMutableRawPointer?, _ name: UnsafePointer<XML_Char>?,
    _ system: UnsafePointer<XML_Char>?,
    _ identifier: UnsafePointer<XML_Char>?, _ hasInternalSubset: Int32
) {
    guard let builder = unsafe builder(userData) else { return }
    builder.fail(
        .documentType, "the file has a document type declaration (DTD)",
        hint:
            "remove the <!DOCTYPE …> part: a task file needs none, and entities are a way to attack a reader",
        at: builder.startOfMarkup)
}
