import CivilTime
import RequestText
import Scheduling

/// An option of a job's line, `name=value`; the same names before a line's jobs set defaults.
enum JobOption: String, CaseIterable {
    case `as`
    case accept
    case decline
    case retry
    case retryOn = "retry-on"
    case backoff
    case timeout
    case deadline
    case overlap
    case catchUp = "catch-up"
    case catchUpWindow = "catch-up-window"
    case jitter
    case timeZone = "tz"
    case header
    case body
    case enabled
    case onDemand = "on-demand"
    case overdueAfter = "overdue-after"

    /// Whether it may stand on a line of its own, for the jobs below.
    var isDefaultable: Bool {
        switch self {
        case .as, .accept, .decline, .retry, .retryOn, .backoff, .timeout, .deadline, .overlap, .catchUp,
            .catchUpWindow, .jitter,
            .timeZone, .onDemand, .overdueAfter:
            true
        case .header, .body, .enabled: false
        }
    }

    /// What a value must look like, for hints.
    var form: String {
        switch self {
        case .as: "as=admin, as=superadmin, as=none or as=UUID"
        case .accept, .decline: "\(rawValue)=200,204 or \(rawValue)=2xx or \(rawValue)=200-299"
        case .retry: "retry=3 (0 to \(Policy.retriesMax))"
        case .retryOn: "retry-on=" + EnglishList.join(Policy.RetryOn.allCases.map(\.rawValue), "or")
        case .backoff: "backoff=30s..10m"
        case .timeout, .deadline, .catchUpWindow, .jitter, .overdueAfter:
            "\(rawValue)=90s, 10m, 2h, 1d or PT10M"
        case .overlap: "overlap=" + EnglishList.join(Policy.Overlap.allCases.map(\.rawValue), "or")
        case .catchUp: "catch-up=" + EnglishList.join(Policy.CatchUp.allCases.map(\.rawValue), "or")
        case .timeZone: "tz=Europe/Berlin"
        case .header: "header=\"Name: value\""
        case .body: "body='{\"key\":\"value\"}'"
        case .enabled, .onDemand: "\(rawValue)=yes or \(rawValue)=no"
        }
    }

}

/// What the options of a line, over the defaults before it, say.
struct JobOptions {
    /// A value that an option cannot have.
    struct ValueError: Error {
        var message: String
        var hint: String
    }

    /// Who a request acts as.
    enum Identity: Equatable {
        case none
        case reference(String)
        case user(String)
    }

    var policy = Policy()
    var identity = Identity.none
    var timeZone: String?
    var headers: [RequestTemplate.Header] = []
    var body: TemplateText?
    var isEnabled = true

    /// Takes one option.
    mutating func apply(_ option: JobOption, _ value: String) throws(ValueError) {
        switch option {
        case .as: identity = try Self.identity(value)
        case .accept: policy.accept = try Self.statuses(option, value)
        case .decline: policy.decline = try Self.statuses(option, value)
        case .retry: policy.retries = try Self.count(option, value)
        case .retryOn: policy.retryOn = try Self.word(option, value)
        case .backoff: policy.backoff = try Self.backoff(value)
        case .timeout: policy.timeout = try Self.duration(option, value)
        case .deadline: policy.deadline = try Self.duration(option, value)
        case .overlap: policy.overlap = try Self.word(option, value)
        case .catchUp: policy.catchUp = try Self.word(option, value)
        case .catchUpWindow: policy.catchUpWindow = try Self.duration(option, value)
        case .jitter: policy.jitter = try Self.duration(option, value, allowsZero: true)
        case .timeZone: timeZone = value
        case .header: headers.append(try Self.header(value))
        case .body:
            guard let template = TemplateText(parsing: value) else { throw Self.wrong(option, value) }
            body = template
        case .enabled: isEnabled = try Self.yes(option, value)
        case .onDemand: policy.allowsOnDemand = try Self.yes(option, value)
        case .overdueAfter: policy.overdueAfter = try Self.duration(option, value)
        }
    }

    private static func wrong(_ option: JobOption, _ value: String, _ why: String? = nil) -> ValueError {
        ValueError(
            message: "“\(shown(value))” is no value for \(option.rawValue)" + (why.map { ": \($0)" } ?? ""),
            hint: "write \(option.form)")
    }

    /// The value with a picture for each control character (U+2400 and after).
    private static func shown(_ value: String) -> String {
        let pictured = value.unicodeScalars.map { scalar in
            scalar.value < 0x20 ? Unicode.Scalar(0x2400 + scalar.value) ?? scalar : scalar
        }
        return String(String.UnicodeScalarView(pictured))
    }

    private static func identity(_ value: String) throws(ValueError) -> Identity {
        switch value {
        case "none": return .none
        case "admin": return .reference(ValueName.admin)
        case "superadmin": return .reference(ValueName.superadmin)
        default:
            guard UUIDText.isUUID(value) else { throw wrong(.as, value) }
            return .user(value)
        }
    }

    private static func statuses(_ option: JobOption, _ value: String) throws(ValueError) -> StatusSet {
        guard let set = StatusSet(value) else { throw wrong(option, value) }
        return set
    }

    private static func count(_ option: JobOption, _ value: String) throws(ValueError) -> Int {
        guard value.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let count = Int(value),
            count <= Policy.retriesMax
        else { throw wrong(option, value) }
        return count
    }

    private static func duration(
        _ option: JobOption, _ value: String, allowsZero: Bool = false
    ) throws(ValueError) -> Duration {
        let duration: Duration
        do {
            duration = try DurationText.parse(value)
        } catch {
            throw ValueError(
                message: "“\(value)” is no value for \(option.rawValue): \(error)", hint: error.hint)
        }
        guard duration > .zero || (allowsZero && duration == .zero) else {
            throw wrong(option, value, "it must be more than nothing")
        }
        guard duration <= Policy.durationMax else { throw wrong(option, value, "it is longer than 366 days") }
        return duration
    }

    private static func backoff(_ value: String) throws(ValueError) -> ClosedRange<Duration> {
        guard let dots = value.firstRange(of: "..") else {
            let fixed = try duration(.backoff, value)
            return fixed...fixed
        }
        let first = try duration(.backoff, String(value[..<dots.lowerBound]))
        let last = try duration(.backoff, String(value[dots.upperBound...]))
        guard first <= last else { throw wrong(.backoff, value, "the first is longer than the last") }
        return first...last
    }

    private static func word<Word: RawRepresentable<String>>(
        _ option: JobOption, _ value: String
    ) throws(ValueError) -> Word {
        guard let word = Word(rawValue: value) else { throw wrong(option, value) }
        return word
    }

    private static func yes(_ option: JobOption, _ value: String) throws(ValueError) -> Bool {
        switch value {
        case "yes", "true": true
        case "no", "false": false
        default: throw wrong(option, value)
        }
    }

    private static func header(_ value: String) throws(ValueError) -> RequestTemplate.Header {
        guard let colon = value.firstIndex(of: ":"), HeaderRule.isName(value[..<colon]) else {
            throw wrong(.header, value, "it has no header name before a colon")
        }
        let text = String(value[value.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
        guard HeaderRule.isValue(text), let template = TemplateText(parsing: text) else {
            throw wrong(.header, value, "its value has a line break, a control character or an unended ${")
        }
        let name = String(value[..<colon])
        guard !HeaderRule.reserved.contains(name.lowercased()) else {
            throw wrong(.header, name, "Almanac sets this header itself")
        }
        guard name.lowercased() != "x-job-token" || template.parts == [.reference(ValueName.token)] else {
            throw ValueError(
                message: "the job token must not stand in a file",
                hint: "write header=\"\(name): ${JOB_TOKEN}\"")
        }
        return RequestTemplate.Header(name, template)
    }
}

/// The text form of a UUID (RFC 9562, section 4).
package enum UUIDText {
    /// Whether `text` is 36 hexadecimal digits and hyphens in their places, in either case.
    package static func isUUID(_ text: String) -> Bool {
        text.utf8.count == 36
            && text.utf8.enumerated().allSatisfy { index, byte in
                [8, 13, 18, 23].contains(index)
                    ? byte == UInt8(ascii: "-") : byte < 0x80 && Character(Unicode.Scalar(byte)).isHexDigit
            }
    }
}
