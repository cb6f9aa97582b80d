import CivilTime
import FoundationEssentials
import Records
import RunModel

/// The form of an operation in a journal: an object whose rows have a member for each column, so that a newer program
/// reads what an older one wrote.
extension StoreWrite {
    /// Changed only when a program that knows it could not read what is written now.
    static let version = 1

    /// The operation as it is put into a journal.
    func journalled(at now: Instant) -> JournalledOperation {
        JournalledOperation(
            owned: owned, recordedAt: now, version: Self.version, payload: payload.description)
    }

    /// The operation that a journal holds.
    ///
    /// Throws `schema` for one of a newer program, and `defect` for one that nobody can read.
    init(reading operation: JournalledOperation) throws(StoreError) {
        guard operation.version <= Self.version else {
            throw StoreError(
                .schema, "the journal was written by a newer almanac",
                hint: "install that version on this host again")
        }
        let payload: Payload
        do {
            payload = try JSONDecoder().decode(Payload.self, from: Data(operation.payload.utf8))
        } catch {
            throw StoreError(.defect, "an operation of the journal cannot be read")
        }
        self = try payload.operation(operation.owned)
    }

    private var payload: JSONValue {
        switch self {
        case .register(let jobs, let host, let now):
            return [
                "operation": "register", "jobs": .array(jobs.map(Self.row)),
                "host": JSONValue(host?.description),
                "at": Self.json(.instant(now)),
            ]
        case .claim(let claim):
            return [
                "operation": "claim", "runs": [Self.row(claim.run)], "exclusive": .bool(claim.isExclusive),
                "ignores_pause": .bool(claim.ignoresPause), "lease": .integer(claim.lease.wholeMicroseconds),
            ]
        case .startAttempt(_, let number, let at):
            return [
                "operation": "start_attempt", "number": .integer(Int64(number)),
                "at": Self.json(.instant(at)),
            ]
        case .awaitRetry(_, let attempt, let retryAt):
            return [
                "operation": "await_retry", "attempt": Self.row(attempt), "at": Self.json(.instant(retryAt)),
            ]
        case .finish(_, let completion):
            let attempt = completion.attempt.map(Self.row) ?? .null
            return ["operation": "finish", "attempt": attempt, "completion": Self.row(completion)]
        case .record(let rows):
            return ["operation": "record", "runs": .array(rows.map(Self.row))]
        case .note(let events):
            let rows = events.map { Self.row(StoreEvent.columns, $0.columnValues) }
            return ["operation": "note", "events": .array(rows)]
        }
    }

    private static func row(_ row: some TableRow) -> JSONValue {
        Self.row(type(of: row).columns, row.columnValues)
    }

    private static func row(_ columns: [String], _ values: [ColumnValue]) -> JSONValue {
        .object(zip(columns, values).map { .init($0, json($1)) })
    }

    private static func json(_ value: ColumnValue) -> JSONValue {
        switch value {
        case .null: .null
        case .text(let text): .string(text)
        case .integer(let number): .integer(number)
        case .boolean(let value): .bool(value)
        case .instant(let instant): .integer(instant.microseconds)
        }
    }
}

/// The document, with every member that some operation has.
private struct Payload: Decodable {
    /// A value of a row; an instant is a number of microseconds.
    enum Value: Decodable {
        case boolean(Bool)
        case integer(Int64)
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            // What is no truth and no number is a text: nothing is lost by asking for one after the other.
            if let value = try? container.decode(Bool.self) {
                self = .boolean(value)
            } else if let number = try? container.decode(Int64.self) {
                self = .integer(number)
            } else {
                self = .text(try container.decode(String.self))
            }
        }

        var columnValue: ColumnValue {
            switch self {
            case .boolean(let value): .boolean(value)
            case .integer(let number): .integer(number)
            case .text(let text): .text(text)
            }
        }
    }

    typealias Row = [String: Value?]

    var operation: String
    var jobs: [Row]?
    var runs: [Row]?
    var events: [Row]?
    var attempt: Row?
    var completion: Row?
    var number: Int?
    var at: Int64?
    var lease: Int64?
    var exclusive: Bool?
    var ignoresPause: Bool?
    var host: String?

    enum CodingKeys: String, CodingKey {
        case operation, jobs, runs, events, attempt, completion, number, at, lease, exclusive, host
        case ignoresPause = "ignores_pause"
    }

    func operation(_ owned: OwnedRun?) throws(StoreError) -> StoreWrite {
        switch operation {
        case "register":
            return .register(try rows(jobs), by: host.map { HostID($0) }, now: try instant())
        case "claim":
            guard let run = try rows(runs, of: RunRecord.self).first else { throw unreadable }
            return .claim(
                Claim(
                    run: run, isExclusive: try given(exclusive), ignoresPause: try given(ignoresPause),
                    lease: .microseconds(try given(lease))))
        case "start_attempt":
            return .startAttempt(try given(owned), number: try given(number), at: try instant())
        case "await_retry":
            return .awaitRetry(try given(owned), try row(given(attempt)), retryAt: try instant())
        case "finish":
            var end: Completion = try row(given(completion))
            if let attempt { end.attempt = try row(attempt) }
            return .finish(try given(owned), end)
        case "record": return .record(try rows(runs))
        case "note": return .note(try rows(events))
        default: throw unreadable
        }
    }

    private var unreadable: StoreError {
        StoreError(.defect, "an operation “\(operation)” of the journal is not whole")
    }

    private func given<Value>(_ value: Value?) throws(StoreError) -> Value {
        guard let value else { throw unreadable }
        return value
    }

    private func instant() throws(StoreError) -> Instant { Instant(microseconds: try given(at)) }

    private func rows<Item: StoredRow>(
        _ rows: [Row]?, of type: Item.Type = Item.self
    ) throws(StoreError) -> [Item] {
        var items: [Item] = []
        for row in try given(rows) { items.append(try self.row(row)) }
        return items
    }

    /// A column that an older program did not know is null.
    private func row<Item: StoredRow>(_ row: Row) throws(StoreError) -> Item {
        var reader = RowReader(
            columns: Item.columns, values: Item.columns.map { (row[$0] ?? nil)?.columnValue ?? .null })
        return try Item(reading: &reader)
    }
}
