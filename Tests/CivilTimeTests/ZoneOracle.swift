import CivilTime
import Glibc
import Spawning
import TestFiles

/// What another implementation, Python's zoneinfo, reads in the zone files of this machine.
///
/// It is asked when the tests run: zone data corrects the past too, so that a table of it would age.
struct ZoneOracle {
    /// Before and after an instant, in seconds east of UTC.
    struct Offsets: Equatable {
        let before: Int
        let after: Int
    }

    /// For each zone, the instants that were looked at, in order.
    let answers: [String: [(seconds: Int64, offsets: Offsets)]]

    /// Asks for the begin of each span, each change inside one, and the instants that are named beside a zone.
    init(spans: [Range<Int64>], questions: [(zone: String, instants: [Int64])]) throws {
        let program = Self.folder + "/Support/zone-oracle"
        let spans = spans.map { "\($0.lowerBound):\($0.upperBound)" }
        answers = try withTemporaryDirectory { directory in
            let lines = questions.map { question in
                ([question.zone] + question.instants.map { "\($0)" }).joined(separator: " ") + "\n"
            }
            try write(lines.joined(), to: directory + "/questions")
            let input = open(directory + "/questions", O_RDONLY | O_CLOEXEC)
            defer { close(input) }
            let id = try withOutputFile(directory + "/answers") { output throws(SpawnError) in
                try spawn(
                    ["/usr/bin/python3", "-I", program, ZoneFiles.directory] + spans, input: input,
                    output: output, errors: STDERR_FILENO)
            }
            var status: CInt = 0
            guard waitpid(id, &status, 0) == id, status == 0 else { throw Failure(status: status) }
            return try Self.read(text(ofFile: directory + "/answers"))
        }
    }

    /// The folder of all tests.
    private static let folder =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")

    private static func read(_ text: String) throws -> [String: [(seconds: Int64, offsets: Offsets)]] {
        var answers: [String: [(seconds: Int64, offsets: Offsets)]] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            answers[String(words[0])] = try words.dropFirst().map { word in
                let numbers = word.split(separator: "/").compactMap { Int($0) }
                guard numbers.count == 3 else { throw Failure(status: 0) }
                return (Int64(numbers[1]), Offsets(before: numbers[0], after: numbers[2]))
            }
        }
        return answers
    }

    struct Failure: Error, CustomStringConvertible {
        let status: CInt

        var description: String {
            "Tests/Support/zone-oracle answered nothing useful (wait status \(status)); it needs Debian's python3"
        }
    }
}
