import CommandRequests
import RequestText
import Testing

@Suite("command lines without a task file")
struct CommandReadingTests {
    @Test("a command line becomes a request, and each finding knows its byte")
    func curl() {
        var text = MappedText(at: 0)
        for (index, byte) in #"-X post <API>/jobs -d "{{BODY}}""#.utf8.enumerated() {
            text.append(byte, from: index)
        }
        var reading = CommandReading(lookup: { $0 == "API" ? "https://a" : nil })
        let request = CurlCommand.request(from: WindowsCommandLine.split(text), at: 0, &reading)
        #expect(request?.method == "POST")
        #expect(request?.url.description == "https://a/jobs")
        #expect(request?.body?.description == "${BODY}")
        #expect(reading.findings.map(\.code) == [.lowerCaseMethod, .missingPlaceholder, .statusNotChecked])
        #expect(reading.findings.map(\.offset) == [3, 23, 0])
    }
}
