/// The parts of an absolute `http` or `https` URL that decide whether a request may be sent to it.
package struct EndpointURL: Sendable, Hashable, CustomStringConvertible {
    /// Why a text is no URL that a job may call.
    package enum Problem: Error, Sendable, Hashable {
        /// There is no `://`.
        case notAbsolute
        /// Neither `http` nor `https`, in lower case.
        case scheme(String)
        /// There is an `@` before the path; credentials in URLs end up in logs.
        case credentials
        /// Empty, longer than 253 bytes (RFC 1035, section 2.3.4), or with a character that no host has.
        case host
        /// Not a number from 1 to 65535.
        case port
        /// Something that RFC 3986 wants percent-encoded: a blank, a control character, or no ASCII at all.
        case characters
        /// `http` to a host that is not this machine.
        case plainHTTP(host: String)

        /// What is wrong, in words that hold no credential.
        package var message: String {
            switch self {
            case .notAbsolute: "the URL must begin with https:// (or http:// to this machine)"
            case .scheme(let scheme): "the scheme “\(scheme)” is not http or https"
            case .credentials: "a URL must not hold a user name or a password"
            case .host: "the URL has no usable host"
            case .port: "the URL's port is not a number from 1 to 65535"
            case .characters: "the URL holds a blank or an unprintable or non-ASCII character"
            case .plainHTTP(let host): "http:// would send the job token in clear text to “\(host)”"
            }
        }

        /// What to write instead.
        package var hint: String {
            switch self {
            case .notAbsolute, .scheme, .host: "write it like https://api.example.org"
            case .credentials: "send credentials in a header"
            case .port: "leave the port out for 443"
            case .characters: "percent-encode it"
            case .plainHTTP: "use https://; http:// is accepted for 127.0.0.1, [::1] and localhost only"
            }
        }
    }

    /// The URL exactly as it was spelt.
    package let description: String
    /// True for `https`.
    package let isTLS: Bool
    /// In lower case; an IPv6 address without its brackets.
    package let host: String
    /// 1 to 65535; 443 for `https` and 80 for `http` when the URL says none.
    package let port: Int

    /// The URL spelt `text`; plain `http` is accepted for loopback only.
    package init(_ text: String) throws(Problem) {
        guard text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else { throw .characters }
        guard let colon = text.firstRange(of: "://") else { throw .notAbsolute }
        let scheme = text[..<colon.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { throw .scheme(scheme) }
        let authority = text[colon.upperBound...].prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else { throw .credentials }
        let (hostText, portText) = Self.split(authority)
        guard let hostText, Self.isHost(hostText) else { throw .host }
        let tls = scheme == "https"
        if let portText {
            guard portText.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
                let number = Int(portText),
                1...65535 ~= number
            else { throw .port }
            port = number
        } else {
            port = tls ? 443 : 80
        }
        host = hostText.lowercased()
        isTLS = tls
        description = text
        guard tls || isLoopback else { throw .plainHTTP(host: host) }
    }

    /// Whether requests to it stay on this machine: 127.0.0.0/8, ::1 or localhost (RFC 6761, section 6.3).
    package var isLoopback: Bool {
        if host == "::1" || host == "localhost" || host.hasSuffix(".localhost") { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Whether both are the same scheme, host and port (RFC 6454).
    package func isSameOrigin(as other: EndpointURL) -> Bool {
        (isTLS, host, port) == (other.isTLS, other.host, other.port)
    }

    /// Scheme, host and, where it is not the scheme's own, port: `https://api.example.org`.
    package var origin: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return (isTLS ? "https://" : "http://") + name + (port == (isTLS ? 443 : 80) ? "" : ":\(port)")
    }

    private static func split(_ authority: Substring) -> (host: Substring?, port: Substring?) {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return (nil, nil) }
            let host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard host.contains(":"), rest.isEmpty || rest.hasPrefix(":") else { return (nil, nil) }
            return (host, rest.isEmpty ? nil : rest.dropFirst())
        }
        guard let colon = authority.firstIndex(of: ":") else { return (authority, nil) }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    private static func isHost(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.count <= 253
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_:".contains($0)) }
    }
}
