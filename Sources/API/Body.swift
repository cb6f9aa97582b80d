import FoundationEssentials
import RunModel
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
