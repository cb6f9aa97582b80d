package import Markup

/// What somebody decides about themselves: whether they sign in or out, and in which zone they read times.
extension ActionPage {
    // MARK: Signing in

    /// The form with the token.
    package static func signIn(back: Address, name: String, problem: String?) -> ActionPage {
        ActionPage("Sign in", []) {
            tag("h1") { "Sign in" }
            tag("div", .class("panel pad")) {
                tag("p") {
                    "With STATUS_TOKEN you see answers, requests, and who did what. With JOB_TOKEN you may also run, pause, resume and cancel."
                }
                if let problem { tag("p", .class("t-bad"), .other("role", "alert")) { problem } }
                tag("form", .action(Address("/sign-in")), .other("method", "post")) {
                    hidden("back", back.description)
                    tag("div", .class("field")) {
                        tag("label", .other("for", "name")) { "Your name" }
                        void(
                            "input", .id("name"), .other("name", "name"), .other("type", "text"),
                            .flag("required"),
                            .other("maxlength", "100"), .other("autocomplete", "username"),
                            .other("value", name))
                        tag("p") { "It is recorded with what you do." }
                    }
                    tag("div", .class("field")) {
                        tag("label", .other("for", "token")) { "Token" }
                        void(
                            "input", .id("token"), .other("name", "token"), .other("type", "password"),
                            .flag("required"), .other("maxlength", "4096"),
                            .other("autocomplete", "current-password"))
                    }
                    tag("p", .class("do")) {
                        tag("button", .class("btn main")) { "Sign in" }
                        cancelLink(back)
                    }
                }
            }
        }
    }

    /// The question whether to sign out.
    package static func signOut(back: Address, once: String) -> ActionPage {
        ActionPage("Sign out?", []) {
            tag("div", .class("panel pad")) {
                tag("h1") { "Sign out?" }
                form(Address("/sign-out"), once) {
                    hidden("back", back.description)
                    tag("p", .class("do")) {
                        button("Sign out", .other("value", "do"))
                        cancelLink(back)
                    }
                }
            }
        }
    }

    // MARK: The zone

    /// The choice of a second zone; `suggested` are those of the jobs.
    package static func zone(_ chosen: String, suggested: [String], back: Address, problem: String?)
        -> ActionPage
    {
        ActionPage("Time zone", []) {
            tag("h1") { "Time zone" }
            tag("div", .class("panel pad")) {
                tag("p") {
                    chosen == "UTC"
                        ? "Times are in UTC. Choose a zone to see them in it as well."
                        : "Times are in UTC, and beside that in \(chosen). UTC alone is a choice, too."
                }
                if let problem { tag("p", .class("t-bad"), .other("role", "alert")) { problem } }
                tag("form", .action(Address("/zone")), .other("method", "post")) {
                    hidden("back", back.description)
                    tag("div", .class("field")) {
                        tag("label", .other("for", "zone")) { "Zone" }
                        void(
                            "input", .id("zone"), .other("name", "zone"), .other("type", "text"),
                            .other("maxlength", "64"), .other("value", chosen), .other("list", "zones"),
                            .other("autocomplete", "off"))
                        tag("datalist", .id("zones")) {
                            for zone in suggested { void("option", .other("value", zone)) }
                        }
                        tag("p") { "Such as " + suggested.joined(separator: ", ") + "." }
                    }
                    tag("p", .class("do")) {
                        tag("button", .class("btn main")) { "Show times in it" }
                        cancelLink(back)
                    }
                }
            }
        }
    }
}
