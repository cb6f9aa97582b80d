/// A request to the API, whole, without the protocol around it.
package struct WebRequest: Sendable {
    /// From where it came.
    package enum Peer: Sendable, Equatable {
        /// From this address, in numbers.
        case network(String)
        /// Through a local socket.
        case local
        /// Through the service's socket, from a process of this user, who is root, the service itself or in its group.
        case member(user: UInt32)
    }

    /// In upper case.
    package var method: String
    /// The parts of the path between its slashes, decoded; empty for `/`.
    package var path: [String]
    /// The names and values of the query, decoded, in their order.
    package var query: [(name: String, value: String)]
    /// The header fields, their names in lower case.
    package var fields: [(name: String, value: String)]
    /// At most `Limits.bodyBytesMax` bytes; empty when there is none.
    package var body: [UInt8]
    /// From where it came.
    package var peer: Peer

    /// A request as a test or a server makes it; `target` is the path with its query, as it was sent. Nil when the target
    /// is not one.
    package init?(
        method: String, target: String, fields: [(name: String, value: String)] = [], body: [UInt8] = [],
        peer: Peer = .network("127.0.0.1")
    ) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let segments = parts[0].split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        let path = segments.map { Self.decoded($0) }
        guard parts[0].hasPrefix("/"), !path.contains(nil) else { return nil }
        self.path = path.compactMap(\.self)
        if self.path == [""] { self.path = [] }
        guard let query = Self.pairs(parts.count > 1 ? parts[1] : "") else { return nil }
        self.query = query
        self.method = method
        self.fields = fields.map { ($0.name.lowercased(), $0.value) }
        self.body = body
        self.peer = peer
    }

    /// The value of a header field; nil when there is none, or more than one.
    package func field(_ name: String) -> String? {
        let values = fields.filter { $0.name == name }
        return values.count == 1 ? values[0].value : nil
    }

    /// The fields of the form that a browser sent (URL Standard, 5.1), in their order; nil when the body is not one.
    package var form: [(name: String, value: String)]? {
        let type = field("content-type")?.prefix { $0 != ";" }.lowercased()
        guard type == "application/x-www-form-urlencoded", let text = String(validating: body, as: UTF8.self)
        else { return nil }
        return Self.pairs(text[...])
    }

    /// Names and values as a query or a form has them; nil for what is not UTF-8 in percent encoding.
    private static func pairs(_ text: Substring) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for item in text.split(separator: "&") {
            let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decoded(sides[0], isForm: true),
                let value = decoded(sides.count > 1 ? sides[1] : "", isForm: true)
            else { return nil }
            pairs.append((name, value))
        }
        return pairs
    }

    /// The value of a cookie of the browser (RFC 6265, section 4.2.2); nil when it sent none of this name, or several.
    package func cookie(_ name: String) -> String? {
        let values = fields.filter { $0.name == "cookie" }.flatMap { $0.value.split(separator: ";") }
            .compactMap { pair -> String? in
                let sides = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
                return sides.count == 2 && sides[0] == name ? String(sides[1]) : nil
            }
        return values.count == 1 ? values[0] : nil
    }

    /// Undoes percent encoding (RFC 3986, section 2.1), in a form also `+` for a blank; nil for what is not UTF-8, or no
    /// encoding.
    private static func decoded(_ text: Substring, isForm: Bool = false) -> String? {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst(), let low = rest.popFirst(),
                    let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16),
                    high != UInt8(ascii: "+"), high != UInt8(ascii: "-")
                else { return nil }
                bytes.append(value)
            case UInt8(ascii: "+") where isForm: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// The answer to a request.
package struct WebAnswer: Sendable, Equatable {
    /// A header field.
    package struct Field: Sendable, Equatable {
        /// As it is written.
        package var name: String
        /// Without a line break.
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Three digits (RFC 9110, section 15).
    package var status: Int
    /// Of the body; nil when there is none.
    package var contentType: String?
    /// Empty when there is none.
    package var body: [UInt8]
    /// Beside those that follow from the body.
    package var fields: [Field]

    package init(status: Int, contentType: String? = nil, body: String = "", fields: [Field] = []) {
        self.init(status: status, contentType: contentType, bytes: Array(body.utf8), fields: fields)
    }

    package init(status: Int, contentType: String?, bytes: [UInt8], fields: [Field] = []) {
        self.status = status
        self.contentType = contentType
        body = bytes
        self.fields = fields
    }
}

/// What answers requests to the API.
package protocol Responder: Sendable {
    /// The answer, however the request is; it may take a while.
    func answer(_ request: WebRequest) async -> WebAnswer
}
