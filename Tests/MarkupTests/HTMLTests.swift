import Markup
import RandomInput
import Testing

@Suite("HTML that is put together")
struct HTMLTests {
    private func text(_ html: HTML) -> String { String(decoding: html.bytes, as: UTF8.self) }

    @Test(
        "text is shown as it is, whatever it looks like",
        arguments: [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            (#""x" & 'y'"#, "&quot;x&quot; &amp; &#39;y&#39;"), ("plain text", "plain text"),
            ("&lt;", "&amp;lt;"), ("تم الحذف", "تم الحذف"), ("two\nlines\there", "two\nlines\there"),
        ])
    func escaped(input: String, output: String) {
        #expect(text(HTML(input)) == output)
        #expect(text(tag("p", .other("title", input)) { input }) == "<p title=\"\(output)\">\(output)</p>")
    }

    @Test(
        "hidden characters, and those that turn the order of what is seen, are written as their code points",
        arguments: [
            ("a\u{202e}b", "a⟨U+202E⟩b"), ("\u{0}", "⟨U+0000⟩"), ("\u{1b}[31m", "⟨U+001B⟩[31m"),
            ("\u{2066}x\u{2069}", "⟨U+2066⟩x⟨U+2069⟩"), ("a\u{200b}b\u{feff}", "a⟨U+200B⟩b⟨U+FEFF⟩"),
            ("\u{e0041}", "⟨U+E0041⟩"), ("\u{85}\u{9f}\u{7f}", "⟨U+0085⟩⟨U+009F⟩⟨U+007F⟩"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
        ])
    func hidden(input: String, output: String) {
        #expect(text(HTML(input)) == output)
    }

    @Test("no text makes an element, an attribute or an entity of its own")
    func random() {
        var random = SeededRandom(seed: 14)
        let alphabet = Array("<>&\"'/=! \u{0}\u{202e}ax;\n".unicodeScalars)
        for _ in 0..<2000 {
            let input = String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0...20, using: &random)).map { _ in
                        alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                    }))
            let output = text(HTML(input))
            #expect(!output.contains { "<>\"'".contains($0) })
            // Each & begins one of our entities.
            for part in output.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
                #expect(["amp;", "lt;", "gt;", "quot;", "#39;"].contains { part.hasPrefix($0) }, "\(output)")
            }
        }
    }

    @Test("elements hold what they were given, in its order")
    func elements() {
        let names = ["a", "b"]
        let list = tag("ul", .class("x y")) {
            for name in names { tag("li") { name } }
            if names.count > 5 { tag("li") { "more" } }
            void("br")
            quoted("<q>")
        }
        #expect(text(list) == "<ul class=\"x y\"><li>a</li><li>b</li><br><bdi>&lt;q&gt;</bdi></ul>")
        #expect(text(void("input", .flag("required"), .other("name", "a"))) == "<input required name=\"a\">")
    }

    @Test("an address is of this site, and what is put into it stays in its place")
    func addresses() {
        #expect(Address("/jobs", "a/../b c").description == "/jobs/a%2F..%2Fb%20c")
        #expect(
            Address("/runs").with("job", "a&b").with("x", nil).with("y", "é").description
                == "/runs?job=a%26b&y=%C3%A9")
        for text in ["/", "/runs?job=purge&page=2", "/jobs/a.b"] {
            #expect(Address(local: text)?.description == text)
        }
        for text in [
            "", "//example.org", "/\\example.org", "https://example.org", "/a b", "/a\nb", "/a\"b", "/ä",
        ] {
            #expect(Address(local: text) == nil, "\(text)")
        }
    }

    @Test(
        "a place in a picture is as short as it can be",
        arguments: [(0, "0"), (12, "12"), (12.34, "12.3"), (-0.5, "-.5"), (0.04, "0"), (-3.96, "-4")])
    func coordinates(value: Double, text: String) {
        #expect(Coordinate(value).description == text)
    }

    @Test("many marks are one element")
    func paths() {
        var path = Path()
        #expect(path.drawn("a").isEmpty)
        path.up(fromX: 1, y: 20, 7.5)
        path.dot(x: 3, y: 4)
        path.mark(x: 5, y: 6, "l2 2")
        #expect(text(path.drawn("a")) == "<path class=\"a\" d=\"M1 20v-7.5M3 4h0M5 6l2 2\"/>")
    }
}
