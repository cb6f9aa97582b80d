import Logging

/// One log event as the journal's fields (systemd.journal-fields(7)).
struct JournalEntry {
    /// Names and values in the order they are sent.
    let fields: [(name: String, value: String)]

    /// `event` with its metadata as `ALMANAC_<KEY>` fields; of two keys that give one name both values are
    /// sent.
    init(of event: LogEvent, metadata: LogFields, identifier: String) {
        fields =
            [
                ("MESSAGE", event.message.description.cut(toBytes: Limits.logValueBytesMax)),
                ("PRIORITY", String(Self.priority(of: event.level))),
                ("SYSLOG_IDENTIFIER", identifier),
                ("CODE_FILE", event.file),
                ("CODE_LINE", String(event.line)),
                ("CODE_FUNC", event.function),
            ] + metadata.pairs.map { (Self.fieldName(ofKey: $0.key), $0.value) }
    }

    /// The syslog priority (syslog(3)) of a level: from 7, debug, to 2, critical.
    static func priority(of level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// `ALMANAC_` and the key in capitals, with `_` for every character a field name may not have.
    static func fieldName(ofKey key: String) -> String {
        let name = key.uppercased().unicodeScalars.map { scalar in
            ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "_"
        }
        return String(("ALMANAC_" + name).prefix(Limits.journalFieldNameBytesMax))
    }

    /// The fields as they are sent: `NAME=value` after `NAME=value`, and where each ends.
    var encoded: (bytes: [UInt8], ends: [Int]) {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        for field in fields {
            bytes += field.name.utf8
            bytes.append(UInt8(ascii: "="))
            bytes += field.value.utf8
            ends.append(bytes.count)
        }
        return (bytes, ends)
    }
}
