import Logging

/// The metadata of one log event as sorted pairs of texts; dictionaries have no order of their own.
struct LogFields {
    let pairs: [(key: String, value: String)]

    /// The pairs of `event` over those of its handler: what is nearer to the event wins.
    init(of event: LogEvent, handler: Logger.Metadata, provider: Logger.MetadataProvider?) {
        var metadata = handler
        if let provided = provider?.get() { metadata.merge(provided) { _, nearer in nearer } }
        if let given = event.metadata { metadata.merge(given) { _, nearer in nearer } }
        if let error = event.error, metadata["error"] == nil { metadata["error"] = "\(error)" }
        pairs = metadata.sorted { $0.key < $1.key }.map { key, value in
            (key, Self.text(of: value).cut(toBytes: Limits.logValueBytesMax))
        }
    }

    private static func text(of value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        case .array(let values): "[" + values.map(text(of:)).joined(separator: ", ") + "]"
        case .dictionary(let metadata):
            "{"
                + metadata.sorted { $0.key < $1.key }.map { "\($0.key): \(text(of: $0.value))" }.joined(
                    separator: ", ")
                + "}"
        }
    }
}
