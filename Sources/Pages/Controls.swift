import Markup
import Operations
import RunModel

/// The parts that many pages share.
enum Controls {
    /// The big answer at the head of a page.
    static func answer(
        _ kind: Answer, _ title: String, glyph: HTML? = nil, isPage: Bool = false,
        @Content content: () -> HTML
    ) -> HTML {
        tag("section", .class(kind.classes), .label(isPage ? "In short" : "What needs you")) {
            glyph ?? kind.glyph
            tag("div") {
                if isPage { tag("h1") { title } } else { tag("h2") { title } }
                content()
            }
        }
    }

    /// How the answer looks.
    enum Answer {
        case well, doubtful, wrong, running, plain

        init(_ outcome: OutcomeMark) {
            self =
                switch outcome {
                case .succeeded: .well
                case .failed, .missed, .unknown, .timedOut: .wrong
                case .declined, .skipped: .plain
                case .running: .running
                }
        }

        var classes: StaticString {
            switch self {
            case .well: "answer ok"
            case .doubtful: "answer late"
            case .wrong: "answer bad"
            case .running: "answer run"
            case .plain: "answer"
            }
        }

        var glyph: HTML {
            switch self {
            case .well: OutcomeMark.succeeded.glyph
            case .doubtful: OutcomeMark.warning
            case .wrong: OutcomeMark.failed.glyph
            case .running: OutcomeMark.running.glyph
            case .plain: OutcomeMark.declined.glyph
            }
        }
    }

    static func button(_ address: Address, main: Bool = false, _ text: String) -> HTML {
        link(address, .class(main ? "btn main" : "btn")) { text }
    }

    /// A command that does the same, to be copied.
    static func command(_ text: String) -> HTML { tag("code", .class("cmd")) { text } }

    /// A heading with its panel.
    static func section(_ id: StaticString, _ title: String, @Content content: () -> HTML) -> HTML {
        tag("section", .labelledBy("\(id)")) {
            tag("h2", .id("\(id)")) { title }
            content()
        }
    }

    /// Names with values, a line each.
    static func table(_ rows: [(String, HTML)]) -> HTML {
        tag("dl", .class("panel kv")) {
            for (name, value) in rows {
                tag("div") {
                    tag("dt") { name }
                    tag("dd") { value }
                }
            }
        }
    }

    /// A table with a heading for each column, which can be scrolled on a narrow screen.
    static func table(_ label: String, _ headings: [String], isWide: Bool = false, _ rows: [[HTML]]) -> HTML {
        tag(
            "div", .class("panel scroll"), .other("tabindex", "0"), .other("role", "region"), .label(label)
        ) {
            tag("table", .class(isWide ? "wide" : "")) {
                tag("thead") {
                    tag("tr") {
                        for heading in headings { tag("th", .other("scope", "col")) { heading } }
                    }
                }
                tag("tbody") {
                    for row in rows {
                        tag("tr") { for cell in row { tag("td") { cell } } }
                    }
                }
            }
        }
    }

    /// A picture that may be wider than the screen.
    static func picture(_ label: String, _ html: HTML) -> HTML {
        tag(
            "div", .class("panel scroll"), .other("tabindex", "0"), .other("role", "region"), .label(label)
        ) { html }
    }

    static func badge(_ kind: Badge, _ text: String) -> HTML { tag("span", .class(kind.classes)) { text } }

    enum Badge {
        case plain, well, doubtful, wrong, running

        var classes: StaticString {
            switch self {
            case .plain: "badge"
            case .well: "badge ok"
            case .doubtful: "badge late"
            case .wrong: "badge bad"
            case .running: "badge run"
            }
        }
    }
}

extension RunRecord {
    /// Why it ended as it did; who gave it up or held it back is for those who may read that.
    func told(_ mayRead: Bool) -> String {
        let run = mayRead ? self : redacted
        return run.detail ?? run.reason?.rawValue ?? ""
    }

    /// What it is doing, or how it ended.
    var word: String {
        switch state {
        case .claimed: "about to start"
        case .running: "running"
        case .retryWait: "waits to try again"
        case .finished: isDryRun ? rehearsalWord : OutcomeMark(outcome).word
        }
    }

    /// How a rehearsal came out.
    var rehearsalWord: String { outcome == .succeeded ? "passed" : "not ready" }

    /// Its page.
    var address: Address { id.address }

    /// The beginning of its identity, which is enough to tell it from others.
    var shortID: String { String(id.description.prefix(8)) }
}

extension JobName {
    /// Its page.
    var address: Address { Address("/jobs", description) }
    /// Where it is run by hand.
    var runAddress: Address { Address("/jobs", description, "run") }
    /// Where it is held back.
    var pauseAddress: Address { Address("/jobs", description, "pause") }
    /// Where its pause is ended.
    var resumeAddress: Address { Address("/jobs", description, "resume") }
}

extension RunID {
    /// Its page: half of the identity tells it from all others.
    var address: Address { Address("/runs", String(description.prefix(18))) }
}
