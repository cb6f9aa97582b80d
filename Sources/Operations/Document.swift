import CivilTime
import FoundationEssentials
import Records
import RunModel

/// A JSON object that a daemon sent, as a command reads it: what it does not know it leaves, as a newer daemon may say more.
struct Document: Decodable {
    private enum Value: Decodable {
        case text(String)
        case flag(Bool)
        case integer(Int64)
        case number(Double)
        case list([Value])
        case object(Document)
        case null

        func scalar(at path: ArraySlice<String>) -> String? {
            switch self {
            case .object(let document): document.scalar(at: path)
            case .list(let items):
                path.first.flatMap { Int($0) }.flatMap { items.indices.contains($0) ? items[$0] : nil }
                    .flatMap { $0.scalar(at: path.dropFirst()) }
            case _ where !path.isEmpty: nil
            case .text(let text): text
            case .flag(let flag): flag ? "true" : "false"
            case .integer(let number): String(number)
            case .number(let number): String(number)
            case .null: "null"
            }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            // A value has exactly one of these kinds; a failed attempt at the others is expected.
            if container.decodeNil() {
                self = .null
            } else if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let integer = try? container.decode(Int64.self) {
                self = .integer(integer)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let list = try? container.decode([Value].self) {
                self = .list(list)
            } else {
                self = .object(try container.decode(Document.self))
            }
        }
    }

    private let members: [String: Value]

    /// An object without a member.
    init() {
        members = [:]
    }

    init(from decoder: any Decoder) throws {
        members = try decoder.singleValueContainer().decode([String: Value].self)
    }

    /// The object in `bytes`; nil when there is none.
    init?(_ bytes: [UInt8]) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)) else { return nil }
        self = document
    }

    /// A text; nil when the member is not there or something else.
    func text(_ name: String) -> String? {
        if case .text(let text) = members[name] { text } else { nil }
    }

    /// A number without a fraction.
    func integer(_ name: String) -> Int? {
        if case .integer(let number) = members[name] { Int(number) } else { nil }
    }

    /// True only when it is there and true.
    func flag(_ name: String) -> Bool {
        if case .flag(let flag) = members[name] { flag } else { false }
    }

    /// An instant.
    func instant(_ name: String) -> Instant? { text(name).flatMap { Instant(rfc3339: $0) } }

    /// The name of a job.
    func job(_ name: String) -> JobName? { text(name).flatMap { JobName($0) } }

    /// The identity of a run.
    func run(_ name: String) -> RunID? { text(name).flatMap { RunID($0) } }

    /// One of some words.
    func word<Word: RawRepresentable<String>>(_ name: String) -> Word? {
        text(name).flatMap { Word(rawValue: $0) }
    }

    /// The row whose columns are members, as `change` has their values; nil when one does not fit.
    func row<Row: StoredRow>(_ change: (String, ColumnValue) -> ColumnValue = { $1 }) -> Row? {
        let values = Row.columns.map { name in
            let value: ColumnValue =
                switch members[name] {
                case .text(let text): .text(text)
                case .flag(let flag): .boolean(flag)
                case .integer(let number): .integer(number)
                case .number, .list, .object, .null, nil: .null
                }
            return change(name, value)
        }
        var reader = RowReader(columns: Row.columns, values: values)
        // Whoever asks says what is wrong with the document.
        return try? Row(reading: &reader)
    }

    /// An object.
    func object(_ name: String) -> Document? {
        if case .object(let document) = members[name] { document } else { nil }
    }

    /// The objects of a list, read; nil when there is no list or one of them cannot be read.
    func list<Item>(_ name: String, _ read: (Document) -> Item?) -> [Item]? {
        guard case .list(let values) = members[name] else { return nil }
        let items = values.compactMap { value in
            if case .object(let document) = value { read(document) } else { nil }
        }
        return items.count == values.count ? items : nil
    }

    /// The text, number or truth at the end of a path, as JSON spells it; nil when there is none.
    func scalar(at path: ArraySlice<String>) -> String? {
        guard let name = path.first, let value = members[name] else { return nil }
        return value.scalar(at: path.dropFirst())
    }

    /// The texts of a list.
    func texts(_ name: String) -> [String] {
        guard case .list(let values) = members[name] else { return [] }
        return values.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }
}
