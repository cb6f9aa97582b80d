/// What an option of curl means for a request. See curl(1), version 8.
enum CurlOption: Equatable {
    case method, header, data, rawData, json, url
    case maximumTime, retry, retryDelay, user, bearer, userAgent, referer, output
    case fail, head, literalURL
    /// Takes no value and changes nothing here.
    case harmless
    /// Takes a value and changes nothing here.
    case harmlessValue
    /// Cannot be done, for the reason given.
    case refused(String)

    var takesValue: Bool {
        switch self {
        case .method, .header, .data, .rawData, .json, .url, .maximumTime, .retry, .retryDelay, .user,
            .bearer,
            .userAgent, .referer, .output, .harmlessValue:
            true
        case .fail, .head, .literalURL, .harmless, .refused: false
        }
    }

    /// The option of a letter, as in `-X`.
    init?(letter: Character) {
        guard let name = Self.letters[letter] else { return nil }
        self.init(name: name)
    }

    /// The option of a long name, as in `--request`.
    init?(name: String) {
        guard let option = Self.names[name] else { return nil }
        self = option
    }

    private static let letters: [Character: String] = [
        "X": "request", "H": "header", "d": "data", "m": "max-time", "u": "user", "A": "user-agent",
        "e": "referer",
        "o": "output", "f": "fail", "I": "head", "s": "silent", "S": "show-error", "v": "verbose",
        "i": "include",
        "#": "progress-bar", "N": "no-buffer", "q": "disable", "4": "ipv4", "6": "ipv6", "0": "http1.0",
        "w": "write-out", "L": "location", "k": "insecure", "K": "config", "F": "form", "T": "upload-file",
        "b": "cookie", "c": "cookie-jar", "x": "proxy", "G": "get", "O": "remote-name", "E": "cert",
        "g": "globoff",
        "J": "remote-header-name", "Z": "parallel", ":": "next", "n": "netrc", "1": "tlsv1",
        "j": "junk-session-cookies",
    ]

    private static let certificates = "the connection is verified against the system's certificates"
    private static let files = "a task does not read or write files of this machine"
    private static let cookies = "a job keeps no cookies"

    private static let names: [String: CurlOption] = [
        "request": .method, "header": .header, "data": .data, "data-ascii": .data, "data-binary": .data,
        "data-raw": .rawData, "json": .json, "url": .url, "max-time": .maximumTime, "retry": .retry,
        "retry-delay": .retryDelay, "user": .user, "oauth2-bearer": .bearer, "user-agent": .userAgent,
        "referer": .referer, "output": .output, "fail": .fail, "fail-with-body": .fail, "head": .head,

        "silent": .harmless, "show-error": .harmless, "verbose": .harmless, "include": .harmless,
        "progress-bar": .harmless, "no-progress-meter": .harmless, "no-buffer": .harmless,
        "disable": .harmless,
        "ipv4": .harmless, "ipv6": .harmless, "http1.0": .harmless, "http1.1": .harmless, "http2": .harmless,
        "compressed": .harmless, "globoff": .literalURL, "ssl-no-revoke": .harmless,
        "ssl-revoke-best-effort": .harmless,
        "ssl-reqd": .harmless, "tlsv1": .harmless, "tlsv1.2": .harmless, "tlsv1.3": .harmless,
        "no-keepalive": .harmless,
        "retry-connrefused": .harmless, "retry-all-errors": .harmless, "tcp-nodelay": .harmless,
        "basic": .harmless,
        "junk-session-cookies": .harmless, "no-sessionid": .harmless, "fail-early": .harmless,
        "write-out": .harmlessValue, "connect-timeout": .harmlessValue, "retry-max-time": .harmlessValue,
        "stderr": .harmlessValue, "keepalive-time": .harmlessValue,

        "location": .refused("a redirect is never followed, so that no secret goes to another host"),
        "location-trusted": .refused("a redirect is never followed, so that no secret goes to another host"),
        "post301": .refused("a redirect is never followed"),
        "post302": .refused("a redirect is never followed"),
        "insecure": .refused(certificates), "cacert": .refused(certificates),
        "capath": .refused(certificates),
        "cert": .refused(certificates), "key": .refused(certificates), "pinnedpubkey": .refused(certificates),
        "config": .refused(files), "upload-file": .refused(files), "remote-name": .refused(files),
        "remote-header-name": .refused(files), "netrc": .refused(files),
        "form": .refused("forms of several parts are not made"),
        "data-urlencode": .refused("write the encoded text with --data-raw"),
        "get": .refused("write the data into the URL"), "cookie": .refused(cookies),
        "cookie-jar": .refused(cookies),
        "proxy": .refused("the API is on this machine or reached directly"),
        "socks5": .refused("the API is on this machine or reached directly"),
        "next": .refused("a job makes one request"), "parallel": .refused("a job makes one request"),
    ]
}
