import CivilTime
import JobCatalog
import Operations
import Records
import RunModel
package import StatusServer

/// The parameters of a request, each taken once; what nobody takes is a mistake.
package struct Query {
    private var items: [(name: String, value: String)]

    package init(_ request: WebRequest) {
        items = request.query
    }

    /// The value of a parameter; nil when it is not there.
    package mutating func text(_ name: String) throws(Problem) -> String? {
        let values = items.filter { $0.name == name }
        items.removeAll { $0.name == name }
        guard values.count <= 1 else {
            throw Problem(400, "invalid", "\(name) is there \(values.count) times", hint: "write it once")
        }
        return values.first?.value
    }

    /// A number within bounds.
    package mutating func number(_ name: String, in bounds: ClosedRange<Int>, default usual: Int)
        throws(Problem)
        -> Int
    {
        guard let text = try text(name) else { return usual }
        let isDigits = !text.isEmpty && text.utf8.allSatisfy { 0x30...0x39 ~= $0 }
        guard isDigits, let number = Int(text), bounds.contains(number) else {
            throw Problem(
                400, "invalid", "\(name) is not a number from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return number
    }

    /// One of some words.
    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Word.Type
    ) throws(Problem) -> Word? where Word.RawValue == String {
        guard let text = try text(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            throw Problem(
                400, "invalid",
                "\(name) is not one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }

    /// An instant; a date, or a time without an offset, is of UTC.
    mutating func instant(_ name: String, _ session: Session) throws(Problem) -> Instant? {
        guard let text = try text(name) else { return nil }
        do throws(CommandError) {
            return try session.instant(text, option: name, in: .utc)
        } catch {
            var problem = Problem(error)
            // In a query + is a blank, so that what was written as the usual hint has it arrives without its sign.
            if text.contains("T"), text.contains(" ") {
                problem.hint = "in a URL write + as %2B, as in 2026-11-23T10:00:00%2B03:00"
            }
            throw problem
        }
    }

    /// A job's name.
    mutating func job(_ name: String) throws(Problem) -> JobName? {
        guard let text = try text(name) else { return nil }
        guard let job = JobName(text) else {
            throw Problem(400, "invalid", "\(name) is not the name of a job")
        }
        return job
    }

    /// Nothing may be left.
    func end() throws(Problem) {
        guard let item = items.first else { return }
        throw Problem(
            400, "invalid", "there is no parameter “\(item.name.storable(bytesMax: 64))” here",
            hint: "/openapi.json lists them")
    }
}
