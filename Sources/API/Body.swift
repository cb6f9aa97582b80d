import FoundationEssentials
import Records
import StatusServer

/// The JSON object that a request brings, each member taken once.
struct Body {
    private enum Value: Decodable {
        case text(String)
        case flag(Bool)
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else {
                self = .other
            }
        }
    }

    private var members: [String: Value] = [:]

    /// An empty body is an object without a member.
    init(_ request: WebRequest) throws(Problem) {
        guard !request.body.isEmpty else { return }
        let type =
            request.field("content-type")?.prefix { $0 != ";" && $0 != " " && $0 != "\t" }
            .lowercased() ?? ""
        guard type == "application/json" else {
            throw Problem(
                415, "media-type", "the body is not application/json",
                hint: "send Content-Type: application/json")
        }
        do {
            members = try JSONDecoder().decode([String: Value].self, from: Data(request.body))
        } catch {
            throw Problem(400, "invalid", "the body is not a JSON object")
        }
        // Of a member that is there twice one reader takes the first and another the last.
        guard Self.memberCount(request.body) == members.count else {
            throw Problem(400, "invalid", "a member of the body is there twice", hint: "write each once")
        }
    }

    /// How many members the outermost object of a JSON text has, which is known to be one.
    static func memberCount(_ text: [UInt8]) -> Int {
        var (depth, count, isInText, isEscaped) = (0, 0, false, false)
        for byte in text {
            if isInText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            // Each member of an object has one.
            case UInt8(ascii: ":") where depth == 1: count += 1
            default: break
            }
        }
        return count
    }

    /// A text of 1 to `lengthMax` characters, none of them a control character; nil when it is not there.
    mutating func text(_ name: String, lengthMax: Int) throws(Problem) -> String? {
        switch members.removeValue(forKey: name) {
        case nil: return nil
        case .text(let text)?
        where 1...lengthMax ~= text.unicodeScalars.count
            && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }:
            return text
        case .text?, .flag?, .other?:
            throw Problem(
                400, "invalid",
                "\(name) is not a text of 1 to \(lengthMax) characters without control characters")
        }
    }

    /// True or false; false when it is not there.
    mutating func flag(_ name: String) throws(Problem) -> Bool {
        switch members.removeValue(forKey: name) {
        case nil: return false
        case .flag(let flag)?: return flag
        case .text?, .other?: throw Problem(400, "invalid", "\(name) is not true or false")
        }
    }

    /// Nothing may be left.
    func end() throws(Problem) {
        guard let name = members.keys.min() else { return }
        throw Problem(
            400, "invalid", "there is no member “\(name.storable(bytesMax: 64))” here",
            hint: "/openapi.json lists them")
    }
}
