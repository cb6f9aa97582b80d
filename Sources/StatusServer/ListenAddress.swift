/// Where the status server listens: never where another machine could ask, unless a passed socket says so.
package enum ListenAddress: Equatable, Sendable, CustomStringConvertible {
    /// A loopback address in numbers and a port; port 0 is any free one.
    case tcp(host: String, port: Int)
    /// A local socket at an absolute path, for the user and the group of the process.
    case unix(path: String)
    /// A listening stream socket that this process was given; the server owns it.
    case passed(descriptor: Int32)

    /// The address spelt `127.0.0.1:8787`, `[::1]:8787`, `localhost:8787` or `unix:/path`.
    package init(parsing text: String) throws(StatusServerError) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            guard path.hasPrefix("/"), !path.utf8.contains(0) else {
                throw StatusServerError(address: text, reason: .relativePath)
            }
            guard path.utf8.count <= Limits.socketPathBytesMax else {
                throw StatusServerError(address: text, reason: .pathTooLong)
            }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":") else {
            throw StatusServerError(address: text, reason: .malformedAddress)
        }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let port = UInt16(digits)
        else { throw StatusServerError(address: text, reason: .invalidPort) }
        self = .tcp(host: try Self.loopbackHost(text[..<colon], of: text), port: Int(port))
    }

    /// The address as `init(parsing:)` reads it.
    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        case .passed: "a passed socket"
        }
    }

    /// The host in numbers. `localhost` is not looked up: whoever answers names must not decide who may ask.
    private static func loopbackHost(_ host: Substring, of text: String) throws(StatusServerError) -> String {
        if host == "localhost" { return "127.0.0.1" }
        if host == "[::1]" { return "::1" }
        guard !host.isEmpty, !host.contains(":") || host.hasPrefix("[") && host.hasSuffix("]") else {
            throw StatusServerError(address: text, reason: .malformedAddress)
        }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { UInt8($0) }
        guard parts.count == 4, numbers.count == 4, numbers[0] == 127 else {
            throw StatusServerError(address: text, reason: .notLoopback)
        }
        return numbers.map(String.init).joined(separator: ".")
    }
}
