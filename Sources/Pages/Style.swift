import Markup

/// The style sheet and the script that are part of every page, and what allows just these.
package enum Style {
    /// The hash of `page.css`, as the policy names it; a test computes it again.
    package static let sheetHash = "sha256-fHJHU6b1gIR/Zl1B1MwMvkdUqX8EdE0ja8duslu9icg="
    /// The hash of `page.js`.
    package static let scriptHash = "sha256-hTvNl4EISYfVnZ/+B5jkbM3YjeiwaoWfE3o5DdV4D2A="

    /// What a page may do: its own style, script and icon, forms and questions to this site, and nothing else (Content Security
    /// Policy Level 3).
    package static let policy = [
        "default-src 'none'", "style-src '\(sheetHash)'", "script-src '\(scriptHash)'", "img-src data:",
        "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    static let sheet = HTML("style", resource: PackageResources.page_css)
    static let script = HTML("script", resource: PackageResources.page_js)
}
