/// Puts the content of an element together: texts, which are escaped, and other elements.
@resultBuilder
package enum Content {
    package static func buildExpression(_ text: String) -> HTML { HTML(text) }
    package static func buildExpression(_ html: HTML) -> HTML { html }
    package static func buildExpression(_ html: HTML?) -> HTML { html ?? HTML() }
    package static func buildBlock(_ parts: HTML...) -> HTML {
        var all = HTML()
        for part in parts { all += part }
        return all
    }
    package static func buildOptional(_ part: HTML?) -> HTML { part ?? HTML() }
    package static func buildEither(first part: HTML) -> HTML { part }
    package static func buildEither(second part: HTML) -> HTML { part }
    package static func buildArray(_ parts: [HTML]) -> HTML {
        var all = HTML()
        for part in parts { all += part }
        return all
    }
}

/// An element with its content.
package func tag(
    _ name: StaticString, _ attributes: Attribute..., @Content content: () -> HTML
) -> HTML {
    HTML(name, attributes, content())
}

/// An element with attributes that are put together elsewhere.
package func tag(
    _ name: StaticString, _ attributes: [Attribute], @Content content: () -> HTML
) -> HTML {
    HTML(name, attributes, content())
}

/// An element of SVG without content, which closes itself (HTML, 13.1.2).
package func shape(_ name: StaticString, _ attributes: Attribute...) -> HTML {
    HTML(closing: name, attributes)
}

/// An element that has no end tag, as `input` (HTML, 13.1.2).
package func void(_ name: StaticString, _ attributes: Attribute...) -> HTML {
    HTML(name, attributes, nil)
}

/// Several pieces, one after the other.
package func group(@Content content: () -> HTML) -> HTML { content() }

/// A link within this site.
package func link(_ address: Address, _ attributes: Attribute..., @Content content: () -> HTML) -> HTML {
    HTML("a", [.href(address)] + attributes, content())
}

/// Text that people or programs wrote, in any script: it is set apart, so that its direction changes nothing around it.
package func quoted(_ text: String) -> HTML {
    HTML("bdi", [], HTML(text))
}
