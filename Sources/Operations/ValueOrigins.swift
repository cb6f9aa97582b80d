import JobCatalog
import RequestText

/// Where the configuration lets secrets of jobs go, beside the API.
enum ValueOrigins {
    /// `NAME=ORIGIN`, with blanks or commas between them; a name may be repeated.
    static let setting = "ALMANAC_VALUE_ORIGINS"
    private static let example = "VOICE_KEY=https://voice.example.org"

    /// The origins by the names of the values that may go there; what is wrong is a problem, and left out.
    static func read(
        _ text: String?, problems: inout [Configuration.Problem]
    ) -> [String: [EndpointURL]] {
        var origins: [String: [EndpointURL]] = [:]
        let words = (text ?? "").split { $0 == "," || $0.isWhitespace }
        for (index, word) in words.enumerated() {
            do throws(Fault) {
                let (name, origin) = try entry(word, number: index + 1)
                origins[name, default: []].append(origin)
            } catch {
                problems.append(
                    Configuration.Problem(name: setting, message: error.message, hint: error.hint))
            }
        }
        return origins
    }

    private struct Fault: Error {
        var message: String
        var hint: String
    }

    /// An entry that is not understood is named by its number: a secret may stand in a wrong place.
    private static func entry(_ word: Substring, number: Int) throws(Fault) -> (String, EndpointURL) {
        guard let equals = word.firstIndex(of: "=") else {
            throw Fault(
                message: "entry \(number) does not say which value may go where",
                hint: "write it like \(example)")
        }
        let name = String(word[..<equals])
        guard TemplateText.isName(name) else {
            throw Fault(
                message: "entry \(number) does not begin with the name of a value",
                hint: "write the name as in ${NAME}, without the braces: \(example)")
        }
        guard !ValueRules().isReserved(name) else {
            throw Fault(
                message: "\(name) is not for requests: Almanac uses it itself",
                hint: "remove it, and keep what a job sends under a name of its own")
        }
        guard name.uppercased() != ValueName.token else {
            throw Fault(
                message: "the job token goes only to the API of \(ValueName.baseURL)",
                hint: "remove \(name), and give other services a secret of their own")
        }
        return (name, try origin(word[word.index(after: equals)...], of: name))
    }

    private static func origin(_ text: Substring, of name: String) throws(Fault) -> EndpointURL {
        let text = text.hasSuffix("/") ? text.dropLast() : text
        let url: EndpointURL
        do {
            url = try EndpointURL(String(text))
        } catch .plainHTTP(let host) {
            throw Fault(
                message: "http:// would send \(name) in clear text to “\(host)”",
                hint: EndpointURL.Problem.plainHTTP(host: host).hint)
        } catch {
            throw Fault(message: "\(name): \(error.message)", hint: "write it like \(example)")
        }
        guard let start = text.firstRange(of: "://")?.upperBound,
            !text[start...].contains(where: { "/?#".contains($0) })
        else {
            throw Fault(
                message: "\(name): an origin has no path, query or fragment",
                hint: "write \(name)=\(url.origin)")
        }
        return url
    }
}
