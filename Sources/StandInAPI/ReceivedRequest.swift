/// A request as it arrived.
package struct ReceivedRequest: Sendable, Equatable {
    /// The method in capitals, as it was written.
    package var method: String
    /// The path with its query.
    package var target: String
    /// Header lines in order, as they were written.
    package var headers: [(name: String, value: String)]
    /// All bytes of the body; empty when there was none.
    package var body: [UInt8]

    /// The value of the first header line of that name, in any case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// `Idempotency-Key`, if it was sent.
    package var idempotencyKey: String? { header("Idempotency-Key") }

    var path: String { String(target.prefix { $0 != "?" }) }

    /// The parameters of the query, their escapes decoded.
    var query: [String: String] {
        guard let start = target.firstIndex(of: "?") else { return [:] }
        return Query.parameters(of: target[target.index(after: start)...])
    }

    package static func == (left: ReceivedRequest, right: ReceivedRequest) -> Bool {
        left.method == right.method && left.target == right.target && left.body == right.body
            && left.headers.elementsEqual(right.headers, by: ==)
    }
}

/// Reads `a=1&b=2`.
enum Query {
    static func parameters(of text: some StringProtocol) -> [String: String] {
        var found: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            found[String(parts[0])] = parts.count == 2 ? decoded(parts[1]) : ""
        }
        return found
    }

    private static func decoded(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(text)
        while let character = rest.popFirst() {
            if character == "%", rest.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) {
                bytes.append(byte)
                rest.removeFirst(2)
            } else {
                bytes += Array(String(character == "+" ? " " : character).utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
