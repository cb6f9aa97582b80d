import CLibcurl

/// Where a request goes: what error texts may say of a URL, whose path, query and credentials may be secret.
struct Destination: Equatable {
    var isSecure: Bool
    /// A name or an address, the latter in brackets when it is of version 6.
    var host: String
    var port: String
    /// The path of a socket of this host to connect to, instead of the host and the port.
    var socketPath: String?

    /// Nil when the text is not an absolute `http` or `https` URL with a host.
    init?(url: String, socketPath: String? = nil) {
        guard let parts = unsafe curl_url() else { return nil }
        defer { unsafe curl_url_cleanup(parts) }
        guard unsafe curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK,
            let scheme = unsafe Self.part(CURLUPART_SCHEME, of: parts), scheme == "http" || scheme == "https",
            // libcurl also takes one slash, or three, where others see a path.
            url.lowercased().hasPrefix(scheme + "://"),
            url.utf8.dropFirst(scheme.count + 3).first != UInt8(ascii: "/"),
            let host = unsafe Self.part(CURLUPART_HOST, of: parts), !host.isEmpty,
            let port = unsafe Self.part(CURLUPART_PORT, of: parts)
        else { return nil }
        isSecure = scheme == "https"
        self.host = host
        self.port = port
        self.socketPath = socketPath
    }

    private static func part(_ part: CURLUPart, of parts: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(parts, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK,
            let found = unsafe text
        else { return nil }
        defer { unsafe curl_free(found) }
        return unsafe String(cString: found)
    }
}

extension Destination: CustomStringConvertible {
    var description: String { socketPath ?? "\(host):\(port)" }
}
