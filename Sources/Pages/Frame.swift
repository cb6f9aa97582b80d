import CivilTime
package import Markup

/// What is around every page: who is asked, who asks, when, and where else to go.
package struct Frame: Sendable {
    /// The parts of the site that are always one click away.
    package enum Section: Sendable {
        case jobs, runs, health, launch, other
    }

    /// The host whose daemon answers.
    package var host: String
    /// Of the program.
    package var version: String
    /// When, and in which zones.
    package var times: Times
    /// Who asks; nil when that is not known.
    package var visitor: String?
    /// Whether they signed in, and can sign out.
    package var isSignedIn: Bool
    /// Whether who asks may run, pause and cancel.
    package var mayAct: Bool
    /// Whether who asks sees the beginnings of answers, and who asked for what.
    package var mayRead: Bool
    /// The page that is shown.
    package var address: Address
    /// Whether it keeps itself up to date.
    package var isLive: Bool
    /// How all hosts, the catalog and the store are, in a line.
    package var summary: String

    package init(
        host: String, version: String, times: Times, visitor: String?, isSignedIn: Bool, mayAct: Bool,
        mayRead: Bool,
        address: Address, isLive: Bool, summary: String
    ) {
        self.host = host
        self.version = version
        self.times = times
        self.visitor = visitor
        self.isSignedIn = isSignedIn
        self.mayAct = mayAct
        self.mayRead = mayRead
        self.address = address
        self.isLive = isLive
        self.summary = summary
    }

    /// A whole page, and what identifies its state.
    package struct Page: Sendable {
        /// The document in UTF-8.
        package var bytes: [UInt8]
        /// Changes with what is said, and not with the second in which it is said; a weak validator (RFC 9110, 8.8.1).
        package var tag: String
    }

    /// The page with `main`; one with a form that is sent once does not replace itself, so it is not `isLive`.
    package func page(
        _ title: String, _ section: Section, path: [(String, Address)] = [], isLive: Bool = true, main: HTML
    ) -> Page {
        let isLive = isLive && self.isLive
        var hash = StableHash()
        hash.combine(title)
        hash.combine(bytes: main.bytes)
        hash.combine(visitor ?? "")
        let tag = "W/\"\(hash.hexadecimal)\""
        let document =
            HTML(literal: "<!doctype html>\n")
            + Markup.tag("html", .other("lang", "en"), .other("data-tag", tag)) {
                head(title)
                Markup.tag("body") {
                    link(Address(fragment: "main"), .class("skip")) { "Skip to content" }
                    OutcomeMark.signs
                    header(section, path)
                    Markup.tag("main", .id("main"), .class("wrap"), .other("tabindex", "-1")) { main }
                    footer(canBeLive: isLive || !self.isLive)
                    if isLive { Style.script }
                }
            }
        return Page(bytes: document.bytes, tag: tag)
    }

    private func head(_ title: String) -> HTML {
        tag("head") {
            HTML(
                literal: """
                    <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">\
                    <meta name="color-scheme" content="light dark"><meta name="referrer" content="same-origin">\
                    <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%232f7d4f'/%3E%3Cpath d='m4 8 3 3 5-6' fill='none' stroke='white' stroke-width='2'/%3E%3C/svg%3E">
                    """)
            tag("title") { title + " · Almanac" }
            Style.sheet
        }
    }

    private func header(_ section: Section, _ path: [(String, Address)]) -> HTML {
        tag("header") {
            tag("div", .class("wrap bar")) {
                link(Address("/"), .class("brand")) {
                    HTML(
                        literal: """
                            <svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true"><path class="lg" d="M4 \
                            5.5A1.5 1.5 0 0 1 5.5 4h13A1.5 1.5 0 0 1 20 5.5v13a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 \
                            18.5zM4 9h16M8.5 2.5v4m7-4v4"/><path class="lg ok" d="m8.5 14.5 2.5 2.5 4.7-5"/></svg>
                            """)
                    tag("span") { "Almanac" }
                }
                if !path.isEmpty {
                    tag("p", .class("crumb")) {
                        for (index, (name, address)) in path.enumerated() {
                            if index > 0 { " / " }
                            link(address) { name }
                        }
                    }
                }
                tag("nav", .label("Pages")) {
                    item("Jobs", Address("/"), section == .jobs)
                    item("Runs", Address("/runs"), section == .runs)
                    item("Health", Address("/status"), section == .health)
                    item("Launch", Address("/launch"), section == .launch)
                }
                who
            }
        }
    }

    private func item(_ name: String, _ address: Address, _ isCurrent: Bool) -> HTML {
        isCurrent
            ? link(address, .other("aria-current", "page")) { name } : link(address) { name }
    }

    private var who: HTML {
        tag("p", .class("meta")) {
            tag("span", .id("live"), .class("live"), .decorative) { "" }
            tag("span") { host }
            tag("span", .id("clock")) { times.clock(times.now) }
            if let visitor {
                tag("span") {
                    quoted(visitor)
                    if isSignedIn {
                        " · "
                        link(Address("/sign-out").with("back", address.description)) { "Sign out" }
                    }
                }
            } else if !mayRead {
                link(Address("/sign-in").with("back", address.description)) { "Sign in" }
            }
        }
    }

    private func footer(canBeLive: Bool) -> HTML {
        tag("footer") {
            tag("div", .class("wrap")) {
                tag("p") { summary }
                tag("nav", .label("More")) {
                    link(Address("/calendar.ics")) { "calendar" }
                    link(Address("/metrics")) { "metrics" }
                    link(Address("/openapi.json")) { "API" }
                    link(Address("/zone").with("back", address.description)) {
                        times.hasZone ? "times in UTC and \(times.zone.name)" : "times in UTC"
                    }
                    if canBeLive {
                        tag("form", .action(Address("/updates")), .other("method", "post")) {
                            void(
                                "input", .other("type", "hidden"), .other("name", "back"),
                                .other("value", address.description))
                            tag("button", .class("plainbtn")) { isLive ? "stop updates" : "start updates" }
                        }
                    }
                }
            }
        }
    }
}
