import API
import StatusServer

/// The fields of a form, each taken once.
struct FormFields {
    private var fields: [(name: String, value: String)]

    init(_ request: WebRequest) throws(Problem) {
        guard let form = request.form else { throw Problem(415, "media-type", "the body is not a form") }
        fields = form
    }

    /// The value of a field; nil when it is not there or empty.
    mutating func text(_ name: String, lengthMax: Int = 4096) throws(Problem) -> String? {
        let values = fields.filter { $0.name == name }.map(\.value)
        fields.removeAll { $0.name == name }
        guard let value = values.first, !value.isEmpty else { return nil }
        guard values.count == 1, value.unicodeScalars.count <= lengthMax,
            !value.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            throw Problem(
                400, "invalid",
                "\(name) is not one text of at most \(lengthMax) characters without control characters")
        }
        return value
    }
}
