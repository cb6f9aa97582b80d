/// An HTTP answer of the stand-in.
struct Answer: Equatable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body = ""
    /// The answer to a HEAD: what the body would be is only announced.
    var isHeadOnly = false

    static func == (left: Answer, right: Answer) -> Bool {
        left.status == right.status && left.body == right.body && left.isHeadOnly == right.isHeadOnly
            && left.headers.elementsEqual(right.headers, by: ==)
    }

    /// An answer whose body is JSON.
    static func json(_ status: Int, _ body: String) -> Answer {
        Answer(status: status, headers: [("Content-Type", "application/json")], body: body)
    }

    /// The way the API says why: `{"detail":"…"}`.
    static func detail(_ status: Int, _ text: String) -> Answer {
        json(status, "{\"detail\":\(JSON.string(text))}")
    }

    /// As it goes over the connection, which is closed behind it.
    var wireText: String {
        var text = "HTTP/1.1 \(status) \(Self.phrase(status))\r\n"
        for header in headers { text += "\(header.name): \(header.value)\r\n" }
        if status != 204 { text += "Content-Length: \(body.utf8.count)\r\n" }
        return text + "Connection: close\r\n\r\n" + (status == 204 || isHeadOnly ? "" : body)
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200..<300: "OK"
        case 300..<400: "Elsewhere"
        case 400..<500: "Refused"
        default: "Failed"
        }
    }
}

/// Writes what little JSON the stand-in says.
enum JSON {
    static func string(_ text: String) -> String {
        var written = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": written += "\\\""
            case "\\": written += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                written += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: written.unicodeScalars.append(scalar)
            }
        }
        return written + "\""
    }

    static func object(_ members: [(name: String, value: String)]) -> String {
        "{" + members.map { string($0.name) + ":" + $0.value }.joined(separator: ",") + "}"
    }

    static func array(_ elements: [String]) -> String {
        "[" + elements.joined(separator: ",") + "]"
    }
}
