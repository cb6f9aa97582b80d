import CurlTransport
import RunModel
import Testing

/// A browser without JavaScript that keeps the cookies of one daemon, which it asks through its local socket.
actor Browser {
    /// What came back.
    struct Page: Sendable {
        var status: Int
        var location: String?
        var body: String

        /// The fields that a form of the page sends without being asked.
        var hidden: [String: String] {
            var fields: [String: String] = [:]
            for element in body.matches(of: /<input type="hidden" name="([^"]*)" value="([^"]*)">/) {
                fields[String(element.1)] = String(element.2).replacing("&amp;", with: "&")
            }
            return fields
        }
    }

    private let socket: String
    private var cookies: [String: String] = [:]

    init(_ bench: Bench) {
        socket = bench.directory + "/status"
    }

    func get(_ path: String) async throws -> Page { try await ask("GET", path, nil, []) }

    /// Signs in as amina.
    func signIn(_ token: String) async throws {
        let page = try await send(nil, "/sign-in", ["name": "amina", "token": token])
        try #require(page.status == 303, "\(page.body)")
    }

    /// Sends the form of a page, with these fields beside its hidden ones.
    func send(
        _ page: Page?, _ path: String, _ fields: [String: String] = [:], origin: String? = nil
    ) async throws -> Page {
        let all = (page?.hidden ?? [:]).merging(fields) { $1 }
        let body = all.map { "\($0.key)=\(Self.encoded($0.value))" }.joined(separator: "&")
        return try await ask("POST", path, body, origin.map { [.init("Origin", $0)] } ?? [])
    }

    private func ask(
        _ method: String, _ path: String, _ body: String?, _ others: [HTTPRequest.Header]
    ) async throws -> Page {
        let transport = try CurlTransport(userAgent: "almanac/test", certificateAuthoritiesFile: nil)
        var headers = others
        if !cookies.isEmpty {
            headers.append(.init("Cookie", cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")))
        }
        if body != nil { headers.append(.init("Content-Type", "application/x-www-form-urlencoded")) }
        var request = HTTPRequest(
            method: method, url: "http://localhost" + path, headers: headers,
            body: body.map { Array($0.utf8) },
            timeout: .seconds(600), socketPath: socket, bodyBytesKept: 1024 * 1024)
        request.answerFields = ["set-cookie", "location"]
        let exchange = await transport.send(request)
        await transport.shutdown()
        guard case .answered(let answer) = exchange.result else {
            Issue.record("\(method) \(path): \(exchange.result)")
            throw CancellationError()
        }
        if let cookie = answer.fields["set-cookie"]?.split(separator: ";").first {
            let sides = cookie.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(sides[0])] = sides[1].isEmpty ? nil : String(sides[1])
        }
        return Page(
            status: answer.status, location: answer.fields["location"],
            body: String(decoding: answer.bodyBeginning, as: UTF8.self))
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}
