import Testing

@Suite("the reader of Swift files")
struct SwiftTextTests {
    @Test("comments and literals are blanks in the code, and lines stay where they are")
    func code() {
        let text = SwiftText(
            Array(
                ##"""
                let a = "{" // "}
                /* { /* } */ */ let b = #"\("}")"# + """
                    { "
                    """
                """##.utf8))
        let lines = String(decoding: text.code, as: UTF8.self).split(separator: "\n")
        #expect(
            lines.map { $0.split(separator: " ").joined(separator: " ") } == ["let a =", "let b = +", "", ""])
        #expect(text.code.count { $0 == UInt8(ascii: "\n") } == 3)
    }

    @Test(
        "a literal reads as its user sees it, with a mark for each expression, and those inside are its own")
    func literals() {
        let text = SwiftText(
            Array(
                ##"""
                print("run \(id.map { "no. \($0)" } ?? ")") ended \"well\"")
                print(#"a \ b \#(c)"#, """
                    one \
                    two
                    """)
                """##.utf8))
        let found = text.literals.map {
            "\($0.line): \($0.text.split { $0.isWhitespace }.joined(separator: " "))"
        }
        #expect(
            found == ["1: run … ended \"well\"", "1: no. …", "1: )", #"2: a \ b …"#, "2: one two"])
    }

    @Test("the length of a function is that from its keyword to its last brace")
    func functions() {
        let functions = SwiftFunction.all(
            in: SwiftText(
                Array(
                    ##"""
                    protocol Store {
                        func read() -> Int
                        var count: Int { get }
                    }
                    struct S {
                        var stored: Int
                        let closure = { 1 }
                        init(_ body: () -> Void = {}) {
                            self.init()
                        }
                        func outer(
                            a: Int
                        ) throws(E) -> [Int] {
                            func inner() { "}" }
                            if a { b(c: { 1 }) } else { }
                        }
                        static func == (a: S, b: S) -> Bool { true }
                    }
                    """##.utf8)
            ).code)
        #expect(
            functions.map { "\($0.line) \($0.name) \($0.lineCount)" } == [
                "3 count 1", "8 init 3", "11 outer 6", "14 inner 1", "17 = 1",
            ])
    }
}
