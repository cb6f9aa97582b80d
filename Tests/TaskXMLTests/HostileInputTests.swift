import TaskFuzzing
import TaskXML
import Testing

@Suite("hostile and broken input")
struct HostileInputTests {
    static let namespace = "http://schemas.microsoft.com/windows/2004/02/mit/task"

    static func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    static func nested(_ open: String, _ inner: String, _ close: String) -> String { open + inner + close }

    static let attributes = (0..<17).map { "a\($0)='1'" }.joined(separator: " ")

    static let refusals: [(String, TaskDiagnostic.Code)] = [
        ("", .malformedXML), (" ", .malformedXML), ("<Task", .malformedXML),
        ("<Task></Tusk>", .malformedXML), ("<Task>&nbsp;</Task>", .malformedXML),
        ("plain text", .malformedXML),
        ("<Task/><Task/>", .malformedXML), ("<Task>\u{1}</Task>", .malformedXML),
        ("<Task>\0</Task>", .malformedXML),
        ("<html/>", .wrongRoot), ("<Tasks><html/></Tasks>", .wrongRoot), ("<Tasks/>", .missingElement),
        ("<Task xmlns='urn:x'/>", .wrongNamespace), ("<!DOCTYPE Task><Task/>", .documentType),
        ("<!DOCTYPE Task SYSTEM 'file:///etc/passwd'><Task/>", .documentType),
        ("<!DOCTYPE t [<!ENTITY a 'b'>]><t>&a;</t>", .documentType),
        ("<Task x='&lol;'/>", .malformedXML),
        (many("<a>", 40), .limit),
        (nested("<Task ", attributes, "/>"), .limit),
        (nested("<Task>", many("<a/>", 50_000), "</Task>"), .limit),
        (nested("<Task>", many("<AB>", 201), "</Task>"), .limit),
        (nested("<Tasks>", many("<Task/>", 1001), "</Tasks>"), .limit),
        (many(" ", 1024 * 1024 + 1), .tooLarge),
    ]

    @Test("what is no task file is refused whole, by name", arguments: refusals)
    func refused(_ text: String, _ code: TaskDiagnostic.Code) {
        let file = Fixtures.read(text)
        #expect(!file.isUsable)
        #expect(file.allDiagnostics.contains { $0.code == code }, "\(file.allDiagnostics)")
        #expect(file.tasks.allSatisfy { !$0.isUsable })
    }

    @Test(
        "XML that people forget to escape is refused with what to write instead",
        arguments: [
            ("https://a/?a=1&b=2", "&amp;"), ("https://a/?a=1&copy;=2", "&amp;"), ("a < b", "&lt;"),
            ("https://<your-host>/", "{{NAME}}"), ("https://<api>/", "{{NAME}}"),
        ])
    func unescaped(_ text: String, _ words: String) throws {
        let file = Fixtures.read(
            Fixtures.task(actions: "<Exec><Command>curl</Command><Arguments>\(text)</Arguments></Exec>"))
        let fault = try #require(file.allDiagnostics.first)
        #expect(fault.code == .malformedXML && fault.position.line == 5)
        #expect(fault.hint?.contains(words) == true)
    }

    @Test("the billion laughs are not told")
    func entities() {
        var text = "<!DOCTYPE t [<!ENTITY a0 'lol'>"
        for level in 1...9 {
            text += "<!ENTITY a\(level) '" + String(repeating: "&a\(level - 1);", count: 10) + "'>"
        }
        let file = Fixtures.read(text + "]><t>&a9;</t>")
        #expect(file.allDiagnostics.map(\.code) == [.documentType])
    }

    @Test("a file without a namespace is read, and says so")
    func missingNamespace() {
        let file = Fixtures.read(Fixtures.task().replacing(" xmlns=\"\(Self.namespace)\"", with: ""))
        #expect(file.allDiagnostics.map(\.code) == [.missingNamespace] && file.isUsable)
    }

    @Test("a file of a thousand faults reports a bounded number of them")
    func manyFaults() {
        let settings = String(repeating: "<Colour/>", count: 2000)
        #expect(
            Fixtures.read(Fixtures.task(settings: settings)).allDiagnostics.count == TaskLimits.diagnosticsMax
                + 1)
    }

    @Test("mutated files never crash the reader, nor slip through half read", arguments: 0..<4)
    func mutations(_ seed: Int) {
        let report = TaskXMLFuzz.run(count: 1500, seed: UInt64(seed))
        #expect(report.inputs == 1500)
        #expect(report.usable > 0 && report.refused > 0)
        #expect(report.broken == [])
    }
}
