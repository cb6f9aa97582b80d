import Preflight
import Testing

@Suite struct PatternTests {
    @Test(
        "a pattern says what a value is to be",
        arguments: [
            ("audio", "audio", true), ("audio", "Audio", false),
            ("https://*.supabase.co", "https://x.supabase.co", true),
            ("https://*.supabase.co", "https://supabase.co", false), ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "ac", false),
            ("ab*ba", "aba", false), ("*", "", true), ("elevenlabs|azure", "azure", true),
            ("x|*y", "zy", true),
            ("<=10", "10", true), ("<=10", "10.5", false), (">=2", "2", true), ("<1", "0.5", true),
            (">0", "0", false),
            ("<=10", "ten", false), ("!=off", "on", true), ("!=off*", "offline", false),
        ])
    func matching(pattern: String, value: String, isMatch: Bool) throws {
        #expect(try #require(Pattern(pattern)).matches(value) == isMatch)
    }

    @Test("a comparison without a number is refused", arguments: ["<=", ">=x", "<", ">nan", "<inf"])
    func numbers(pattern: String) {
        #expect(Pattern(pattern) == nil)
    }
}

@Suite struct ReferencingTextTests {
    @Test("references are filled in, with what holds without one")
    func filling() throws {
        let text = try #require(ReferencingText("${A}/x/${B:-b}/${C:-}$"))
        #expect(try text.filled { ["A": "a"][$0] } == "a/x/b/$")
        #expect(try text.filled { ["A": "a", "B": "", "C": "c"][$0] } == "a/x/b/c$")
        #expect(text.names == ["A", "B", "C"] && text.literal == "${A}/x/${B}/${C}$")
        #expect(throws: ReferencingText.Missing(name: "A")) { try text.filled { _ in nil } }
    }

    @Test(
        "a reference that does not end, or has no name, is refused",
        arguments: ["${A", "${}", "${1}", "${a-b}", "${ A}"])
    func malformed(text: String) {
        #expect(ReferencingText(text) == nil)
    }
}
