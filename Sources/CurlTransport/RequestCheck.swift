import RequestText
import RunModel

/// Finds what cannot be sent exactly as it is written, before a byte of it leaves. No text says a header's
/// value, or more of the URL than its host and port.
enum RequestCheck {
    /// Nil, or what is wrong with the request, and what to do.
    static func problem(of request: HTTPRequest) -> String? {
        if !HeaderRule.isName(request.method) {
            return "the request's method is not an HTTP method (letters, as in POST)"
        }
        if request.url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
            return "the request's URL contains a space or a control character; write it as %20 and the like"
        }
        if Destination(url: request.url) == nil {
            return "the request's URL is not an absolute http:// or https:// URL with a host"
        }
        if request.timeout <= .zero {
            return "the request's timeout is not positive"
        }
        for (index, header) in request.headers.enumerated() {
            if let problem = problem(of: header, number: index + 1, bodyBytes: request.body?.count ?? 0) {
                return problem
            }
        }
        return nil
    }

    private static func problem(of header: HTTPRequest.Header, number: Int, bodyBytes: Int) -> String? {
        // A line that was taken apart wrongly may have its value in the name, so a bad name is not said
        // either.
        guard HeaderRule.isName(header.name) else {
            return
                "the name of header \(number) is empty, or has a character that no name may have"
        }
        // A line feed would start another header line; the other control characters are read differently
        // everywhere.
        if !HeaderRule.isValue(header.value) {
            return "the value of header \(header.name) contains a control character, such as a line break"
        }
        switch header.name.lowercased() {
        case "content-length" where header.value != String(bodyBytes):
            return "header Content-Length is not the body's \(bodyBytes); leave it out, it is sent anyway"
        case "transfer-encoding":
            return "header Transfer-Encoding cannot be set: the body is sent as it is, with its length"
        default:
            return nil
        }
    }
}
