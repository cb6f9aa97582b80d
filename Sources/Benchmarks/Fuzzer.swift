import CivilTime
import RandomInput
import Scheduling

/// Feeds arbitrary input to what reads files that people and packages write: nothing may crash, hang or
/// contradict itself.
///
/// Each input follows from the seed and its own number, so that a crash repeats: the last progress line says
/// where to begin.
struct Fuzzer {
    private var random = SeededRandom(state: 0)
    private let zoneFiles: [[UInt8]]
    private var expressionsRead = 0
    private var zonesRead = 0

    private static let progressEvery = 100_000
    private static let usage = "usage: Benchmarks fuzz [--count N] [--seed S] [--first N]"

    /// Reads the options, runs, and prints what was read and refused.
    static func run(arguments: ArraySlice<String>) {
        var options = ["--count": 1_000_000, "--seed": 1, "--first": 0]
        var rest = arguments
        while let name = rest.popFirst() {
            guard options[name] != nil, let text = rest.popFirst(), let number = Int(text), number >= 0 else {
                Terminal.fail(usage)
            }
            options[name] = number
        }
        guard let count = options["--count"], let seed = options["--seed"], let first = options["--first"]
        else {
            Terminal.fail(usage)
        }
        var fuzzer = Fuzzer()
        print("fuzz: seed \(seed), inputs \(first) to \(first + count - 1)")
        for number in first..<first + count {
            fuzzer.random = SeededRandom(
                state: UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(number))
            // A zone costs some hundred times as much as an expression.
            if number % 20 == 0 { fuzzer.feedZone() } else { fuzzer.feedExpression() }
            if (number + 1) % progressEvery == 0 { print("  up to input \(number)") }
        }
        print(
            "fuzz: \(count) inputs; read \(fuzzer.expressionsRead) expressions and \(fuzzer.zonesRead) zones,"
                + " refused the rest"
        )
    }

    private init() {
        zoneFiles = [
            "UTC", "Europe/Dublin", "America/New_York", "Asia/Gaza", "Africa/Casablanca", "Pacific/Apia",
        ].map(SystemZones.bytes)
    }

    // MARK: Expressions

    private static let pieces = [
        "0", "1", "5", "12", "15", "23", "31", "59", "60", "99", "2199", "2200", "00", "*", "*", "*", "*/",
        "/", "-", ",", "?",
        "L", "LW", "L-", "W", "#", "#L", "+", "H", "H(", ")", "~", " ", " ", " ", " ", " ", "\t", "\n", "@",
        "@every ",
        "@daily", "@reboot", "MON", "fri", "FEB", "dec", "–", "٣", "\u{0}", "TZ=", "é", "s", "m", "P", "PT",
        "%", "\\",
    ]

    private mutating func feedExpression() {
        let text = random.below(8) == 0 ? randomBytes() : randomPieces()
        do {
            let expression = try CronExpression(parsing: text, seed: "fuzz")
            expressionsRead += 1
            check(expression, in: .utc, text)
        } catch {
            let columns = error.columns
            precondition(
                columns.lowerBound >= 0 && columns.upperBound <= text.utf8.count, "columns outside of \(text)"
            )
            precondition(
                !error.message.isEmpty && error.hint?.isEmpty != true, "a refusal of \(text) without words")
        }
    }

    /// Pieces of the language in any order, most in five fields.
    private mutating func randomPieces() -> String {
        if random.below(2) == 0 {
            return (0..<random.below(24)).map { _ in random.pick(Self.pieces) }.joined()
        }
        let fields = (0..<5 + random.below(3)).map { _ in
            random.below(3) > 0
                ? "*" : (0..<1 + random.below(4)).map { _ in random.pick(Self.pieces) }.joined()
        }
        return fields.joined(separator: " ")
    }

    private mutating func randomBytes() -> String {
        String(
            decoding: (0..<random.below(64)).map { _ in UInt8(truncatingIfNeeded: random.next()) },
            as: UTF8.self)
    }

    /// What must hold for every expression.
    private mutating func check(_ expression: CronExpression, in zone: Zone, _ text: String) {
        let normal = expression.description
        guard let again = try? CronExpression(parsing: normal, seed: "") else {
            preconditionFailure("the normal form \(normal) of \(text) does not parse")
        }
        precondition(
            again == expression && again.description == normal, "\(normal) is no normal form of \(text)")
        precondition(!expression.words.isEmpty, "no words for \(text)")
        var instant = Instant(seconds: Int64(random.below(8_000_000_000)))
        for _ in 0..<4 {
            guard let next = expression.next(after: instant, in: zone) else { return }
            precondition(next.instant > instant, "\(text) does not advance from \(instant)")
            let back = expression.previous(before: next.instant, in: zone)
            precondition(
                back.map { $0.instant <= instant } ?? true,
                "\(text) has another occurrence before \(next.instant)")
            instant = next.instant
        }
    }

    // MARK: Zones

    private mutating func feedZone() {
        var bytes = random.pick(zoneFiles)
        if random.below(8) == 0 {
            bytes = (0..<random.below(300)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
        for _ in 0..<random.below(6) where !bytes.isEmpty {
            switch random.below(4) {
            case 0: bytes.removeLast(random.below(bytes.count))
            case 1: bytes.remove(at: random.below(bytes.count))
            default:
                bytes[random.below(bytes.count)] = UInt8(
                    truncatingIfNeeded: random.next() >> UInt64(random.below(57)))
            }
        }
        // Most are refused, and that is all that is asked of them.
        guard let zone = try? Zone(name: "fuzz", tzif: bytes) else { return }
        zonesRead += 1
        for _ in 0..<8 {
            let instant = Instant(seconds: Int64(random.below(10_000_000_000)) - 2_000_000_000)
            let span = zone.span(containing: instant)
            precondition(
                span.startSeconds <= instant.seconds && instant.seconds < span.endSeconds, "a span elsewhere")
            _ = zone.resolve(zone.local(at: instant))
            if let change = zone.nextTransition(after: instant) {
                precondition(change.instant > instant, "a transition that does not advance")
            }
        }
        for text in ["30 1 * * *", "*/7 */5 * * *", "0 0 29 2 *"] {
            guard let expression = try? CronExpression(parsing: text, seed: "fuzz") else { continue }
            check(expression, in: zone, text)
        }
    }
}
