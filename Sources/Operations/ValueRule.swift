import JobCatalog
import RequestText
import Scheduling

/// What a value of the configuration must look like.
enum ValueRule {
    /// Why the value called `name` cannot be used, without showing a secret; nil when it can.
    static func problem(_ name: String, _ value: Configuration.Value) -> Configuration.Problem? {
        func problem(_ message: String, _ hint: String) -> Configuration.Problem {
            Configuration.Problem(name: name, source: value.source, message: message, hint: hint)
        }
        if isPlaceholder(value.text, name) {
            return problem("it is still a placeholder", hints[name] ?? "write the real value")
        }
        switch name {
        case ValueName.baseURL:
            do {
                let url = try EndpointURL(value.text)
                guard !value.text.contains("?"), !value.text.contains("#") else {
                    return problem(
                        "a base URL has no query and no fragment", "write it like https://\(url.host)")
                }
                return nil
            } catch {
                return problem(error.message, error.hint)
            }
        case ValueName.token, Session.statusToken:
            let hint = "make one with: openssl rand -hex 32"
            guard value.text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
                return problem("it holds a blank, an unprintable or a non-ASCII character", hint)
            }
            let length = value.text.utf8.count
            guard length >= Configuration.tokenLengthMin else {
                return problem(
                    "it has \(EnglishList.count(length, "character")); at least \(Configuration.tokenLengthMin) are needed",
                    hint)
            }
            return nil
        case ValueName.admin, ValueName.superadmin:
            guard UUIDText.isUUID(value.text) else {
                return problem("it is no UUID", "write it like 123e4567-e89b-12d3-a456-426614174000")
            }
            return nil
        default:
            guard HeaderRule.isValue(value.text) else {
                return problem("it holds a line break or a control character", "take it out")
            }
            return nil
        }
    }

    private static let hints = [
        ValueName.token: "make one with: openssl rand -hex 32",
        ValueName.baseURL: "write the API's address, like https://api.example.org",
        ValueName.admin: "write the UUID of the user", ValueName.superadmin: "write the UUID of the user",
    ]

    /// Whether somebody has left the value of a template in place. A value of somebody's own may be any text, so that only
    /// what is a placeholder as a whole is taken for one.
    private static func isPlaceholder(_ text: String, _ name: String) -> Bool {
        let lower = text.lowercased()
        guard hints[name] != nil else {
            let marks = [("<", ">"), ("{{", "}}"), ("${", "}"), ("%", "%"), ("__", "__")]
            return text == name
                || ["changeme", "change-me", "change_me"].contains(lower)
                || marks.contains { text.count > 2 && text.hasPrefix($0.0) && text.hasSuffix($0.1) }
        }
        return text.contains(name) || text.contains("<") || text.contains("{{") || text.hasPrefix("${")
            || text.hasPrefix("%") || text.hasPrefix("__")
            || ["changeme", "change-me", "change_me", "replace", "your-", "your_", "xxxx"].contains {
                lower.hasPrefix($0)
            }
            || (text.utf8.count > 7 && Set(text.utf8).count == 1)
    }
}
