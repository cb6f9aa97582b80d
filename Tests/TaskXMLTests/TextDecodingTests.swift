import Testing

@testable import TaskXML

@Suite("what the bytes are decides, whatever the declaration says")
struct TextDecodingTests {
    struct Form: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var encoding: TaskEncoding
        /// The bytes of a text of characters that every encoding here has.
        var encode: @Sendable (String) -> [UInt8]
        /// Labels that are true of the bytes.
        var trueLabels: [String]
    }

    static let forms = [
        Form(
            testDescription: "UTF-16LE with mark", encoding: .utf16LittleEndian,
            encode: { [0xff, 0xfe] + utf16($0, false) }, trueLabels: ["UTF-16", "utf-16le"]),
        Form(
            testDescription: "UTF-16LE", encoding: .utf16LittleEndian, encode: { utf16($0, false) },
            trueLabels: ["UTF-16", "utf-16le"]),
        Form(
            testDescription: "UTF-16BE with mark", encoding: .utf16BigEndian,
            encode: { [0xfe, 0xff] + utf16($0, true) }, trueLabels: ["UTF-16", "UTF-16BE"]),
        Form(
            testDescription: "UTF-16BE", encoding: .utf16BigEndian, encode: { utf16($0, true) },
            trueLabels: ["UTF-16", "UTF-16BE"]),
        Form(
            testDescription: "UTF-8 with mark", encoding: .utf8, encode: { [0xef, 0xbb, 0xbf] + $0.utf8 },
            trueLabels: ["UTF-8", "utf-8"]),
        Form(
            testDescription: "UTF-8", encoding: .utf8, encode: { Array($0.utf8) },
            trueLabels: ["UTF-8", "utf-8"]),
        Form(
            testDescription: "windows-1252", encoding: .windows1252,
            encode: { $0.unicodeScalars.map { $0 == "€" ? 0x80 : UInt8($0.value) } },
            trueLabels: ["windows-1252", "cp1252"]),
    ]

    static func utf16(_ text: String, _ isBigEndian: Bool) -> [UInt8] {
        text.utf16.flatMap { unit in
            let bytes = [UInt8(truncatingIfNeeded: unit >> 8), UInt8(truncatingIfNeeded: unit)]
            return isBigEndian ? bytes : bytes.reversed()
        }
    }

    static let labels = [
        "UTF-16", "utf-16le", "UTF-16BE", "UTF-8", "utf-8", "windows-1252", "cp1252", "ISO-8859-1", nil,
    ]

    @Test("every encoding is read under every label, and a false label is named", arguments: forms, labels)
    func matrix(_ form: Form, _ label: String?) throws {
        let declaration = "<?xml version=\"1.0\"" + (label.map { " encoding='\($0)'" } ?? "") + "?>\r\n"
        let text = declaration + Fixtures.task(registration: "<Description>dé€jà</Description>")
        let file = Fixtures.read(form.encode(text))
        #expect(file.encoding == form.encoding)
        #expect(try #require(file.tasks.first).registration.description == "dé€jà")
        let expected: [TaskDiagnostic.Code]
        if let label {
            expected = form.trueLabels.contains(label) ? [] : [.encodingLabel]
        } else {
            expected = form.encoding == .windows1252 ? [.codePage] : []
        }
        #expect(file.diagnostics.map(\.code) == expected)
    }

    @Test("ASCII is read under every label; only UTF-16 is false of it", arguments: labels)
    func ascii(_ label: String?) {
        let declaration = "<?xml version=\"1.0\"" + (label.map { " encoding='\($0)'" } ?? "") + "?>"
        let file = Fixtures.read(declaration + Fixtures.task())
        #expect(file.encoding == .ascii && file.tasks.count == 1)
        #expect(file.diagnostics.isEmpty == !(label?.lowercased().hasPrefix("utf-16") ?? false))
    }

    @Test("characters beyond the first plane survive UTF-16")
    func surrogates() {
        let text = Fixtures.task(registration: "<Description>🕰</Description>")
        #expect(
            Fixtures.read([0xff, 0xfe] + Self.utf16(text, false)).tasks.first?.registration.description == "🕰"
        )
    }

    @Test(
        "bytes that are no text are refused",
        arguments: [
            ([0xff, 0xfe, 0x3c], "odd number of bytes"), ([0xff, 0xfe, 0x00, 0xd8, 0x3c, 0x00], "surrogate"),
            ([0xff, 0xfe, 0x00, 0xdc], "surrogate"), ([0xff, 0xfe, 0x00, 0xd8], "surrogate"),
            ([0x3c, 0x81, 0x3e], "neither UTF-8"), ([0xef, 0xbb, 0xbf, 0xff], "not UTF-8"),
            ([0xff, 0xfe, 0, 0, 0x3c], "UTF-32"), ([0x3c, 0x7f], "DELETE"),
        ] as [([UInt8], String)])
    func undecodable(_ bytes: [UInt8], _ words: String) {
        let file = Fixtures.read(bytes)
        #expect(file.tasks.isEmpty && file.diagnostics.map(\.code) == [.undecodable])
        #expect(file.diagnostics.first?.message.contains(words) == true)
    }

    @Test("lines end with LF, CR LF or CR, and columns count characters")
    func positions() {
        let lines = LineTable(Array("a\nb\r\nc\rdé€x".utf8))
        #expect(lines.position(at: 0) == TaskPosition(line: 1, column: 1))
        #expect(lines.position(at: 2) == TaskPosition(line: 2, column: 1))
        #expect(lines.position(at: 5) == TaskPosition(line: 3, column: 1))
        #expect(lines.position(at: 7) == TaskPosition(line: 4, column: 1))
        #expect(lines.position(at: 13) == TaskPosition(line: 4, column: 4))
        #expect(lines.position(at: 999) == TaskPosition(line: 4, column: 5))
    }
}
