import RunModel
import Testing

@Suite("what is kept of an answer")
struct AnswerTests {
    @Test(
        "a body that is compressed is not kept as text",
        arguments: [(nil, "{}"), ("identity", "{}"), ("Identity", "{}"), ("gzip", nil), ("br", nil)]
            as [(String?, String?)])
    func encoded(coding: String?, excerpt: String?) {
        var answer = HTTPAnswer(status: 200, bodyBeginning: Array("{}".utf8), bodyBytes: 2)
        if let coding { answer.fields["content-encoding"] = coding }
        #expect(answer.excerpt == excerpt)
    }
}
