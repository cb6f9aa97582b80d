import RunModel
import Testing

@Suite struct JSONValueTests {
    @Test(
        "each kind of value is written as RFC 8259 has it",
        arguments: [
            (JSONValue.null, "null"), (true, "true"), (false, "false"), (0, "0"), (-7, "-7"),
            (.integer(.max), "9223372036854775807"), (.number(0.5), "0.5"), (.number(1e-7), "1e-07"),
            (.number(.nan), "null"), (.number(-.infinity), "null"), ("", "\"\""), ([], "[]"), ([:], "{}"),
            ([1, [2], nil], "[1,[2],null]"), (JSONValue(String?.none), "null"), (JSONValue("x"), "\"x\""),
            (JSONValue(Int?.none), "null"), (JSONValue(3), "3"),
        ] as [(JSONValue, String)])
    func values(value: JSONValue, text: String) {
        #expect(value.description == text)
    }

    @Test("members stay in the order they were given")
    func order() {
        let value: JSONValue = ["zone": "UTC", "job": "purge", "at": [["b": 1, "a": 2]]]
        #expect(value.description == #"{"zone":"UTC","job":"purge","at":[{"b":1,"a":2}]}"#)
    }

    @Test(
        "a text is escaped so that it stays one text, and harmless on a terminal",
        arguments: [
            ("say \"no\"", #""say \"no\"""#), ("C:\\temp", #""C:\\temp""#), ("a\nb\r\tc", #""a\nb\r\tc""#),
            ("\r\n", #""\r\n""#), ("\u{0}\u{1b}[31m", #""\u0000\u001b[31m""#),
            ("\u{7f}\u{9b}", #""\u007f\u009b""#),
            ("\u{2028}\u{2029}", #""\u2028\u2029""#), ("ünï 🙂 سمية", #""ünï 🙂 سمية""#), ("a/b", #""a/b""#),
            ("e\u{301}", "\"e\u{301}\""), ("\"\u{301}", "\"\\\"\u{301}\""),
        ])
    func escaping(text: String, expected: String) {
        #expect(Array(JSONValue.string(text).description.utf8) == Array(expected.utf8))
    }

    @Test("names are escaped like texts")
    func names() {
        #expect(JSONValue.object([.init("a\"b", 1)]).description == #"{"a\"b":1}"#)
    }

    @Test("for people each member and element has a line, and what is empty has none")
    func pretty() {
        let value: JSONValue = [
            "status": "pass", "checks": ["scheduler": [["lateness": 0.5], []]], "none": [:],
        ]
        #expect(
            value.pretty == """
                {
                  "status": "pass",
                  "checks": {
                    "scheduler": [
                      {
                        "lateness": 0.5
                      },
                      []
                    ]
                  },
                  "none": {}
                }
                """)
    }
}
