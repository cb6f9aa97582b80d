import Glibc
import Logging
import Testing

@testable import Systemd

@Suite struct LogTests {
    @Test("a line is time, level, message and fields in logfmt, sorted by key")
    func line() {
        #expect(
            line("run finished", ["run": "019", "job": "purge"])
                == "2026-03-29T01:00:00Z info  run finished  job=purge run=019")
        #expect(line("started", [:]) == "2026-03-29T01:00:00Z info  started")
    }

    @Test(
        "a value that is not one plain word is quoted",
        arguments: [
            ("purge", "purge"), ("", "\"\""), ("two words", "\"two words\""), ("a=b", "\"a=b\""),
            ("say \"no\"", "\"say \\\"no\\\"\""), ("C:\\x", "\"C:\\\\x\""), ("a\nb\r\tc", "\"a\\nb\\r\\tc\""),
            ("\u{1b}[31m", "\"\\u{1b}[31m\""), ("\u{2028}", "\"\\u{2028}\""), ("ünï", "ünï"),
            ("https://127.0.0.1:8000/x", "https://127.0.0.1:8000/x"),
        ])
    func quoting(value: String, expected: String) {
        #expect(line("m", ["k": .string(value)]).hasSuffix("  k=\(expected)"))
    }

    @Test("a message cannot end its line, nor a key its name")
    func injection() {
        #expect(
            line("two\nlines", ["a b=\"c": "d"]) == "2026-03-29T01:00:00Z info  two\\nlines  a_b__c=d")
    }

    @Test("lists and dictionaries have a fixed order, and a value has a bounded length")
    func values() {
        let metadata: Logger.Metadata = ["d": ["b": "2", "a": ["x", "y"]], "n": .stringConvertible(7)]
        #expect(line("m", metadata).hasSuffix("  d=\"{a: [x, y], b: 2}\" n=7"))
        let long = line("m", ["k": .string(String(repeating: "x", count: 100_000))])
        #expect(long.utf8.count < 8 * 1024 + 100)
    }

    @Test("only the level is coloured, and only when asked")
    func colour() {
        let fields = LogFields(of: event("m", nil), handler: [:], provider: nil)
        let text = LineLogHandler.line(
            time: "T", level: .error, message: "m", fields: fields, isColoured: true)
        #expect(text == "T \u{1b}[31merror\u{1b}[0m  m")
    }

    @Test("what is nearer to the event wins: its own metadata, then the provider's, then the handler's")
    func precedence() {
        let provider = Logger.MetadataProvider { ["b": "provider", "c": "provider"] }
        let fields = LogFields(
            of: event("m", ["c": "event"]), handler: ["a": "handler", "b": "handler", "c": "handler"],
            provider: provider)
        #expect(fields.pairs.map { "\($0.key)=\($0.value)" } == ["a=handler", "b=provider", "c=event"])
    }

    @Test("the error of an event is its field `error`")
    func error() {
        var failed = event("m", nil)
        failed.error = SystemdError(subject: "/run/x", reason: .empty)
        let fields = LogFields(of: failed, handler: [:], provider: nil)
        #expect(fields.pairs.map(\.value) == ["/run/x is empty"])
    }

    @Test("the handler writes whole lines to its descriptor and keeps metadata as a value")
    func handlerWrites() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let descriptor = ends[1]
        var logger = Logger(label: "test") { _ in
            LineLogHandler(logLevel: .info, descriptor: descriptor, isColoured: false) { "T" }
        }
        let copy = logger
        logger[metadataKey: "job"] = "purge"
        logger.info("first")
        logger.debug("left out")
        copy.warning("second", metadata: ["n": "1"])
        close(descriptor)
        var buffer = [UInt8](repeating: 0, count: 1000)
        let count = read(ends[0], &buffer, buffer.count)
        #expect(
            String(decoding: buffer[..<count], as: UTF8.self)
                == "T info  first  job=purge\nT warning  second  n=1\n")
    }

    @Test(
        "nobody who reads keeps the writer for longer than a second; what was lost is counted when there is room again"
    )
    func nobodyReads() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let output = LogOutput(descriptor: ends[1])
        let line = String(repeating: "x", count: 1023)
        let begun = ContinuousClock.now
        for _ in 0..<2000 { output.write(line) }
        // The room of a pipe, then one second, and nothing after it.
        #expect(ContinuousClock.now - begun < .seconds(30))
        var read = ""
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        func take() {
            let count = Glibc.read(ends[0], &buffer, buffer.count)
            if count > 0 { read += String(decoding: buffer[..<count], as: UTF8.self) }
        }
        take()
        output.write("after")
        take()
        let whole = read.split(separator: "\n").count { $0 == line }
        #expect(
            read.contains("… \(2000 - whole) lines of the log are lost: nobody read it\n")
                && read.hasSuffix("after\n"))
    }

    @Test("a journal entry has the journal's fields and the metadata as ALMANAC_ fields")
    func journalFields() {
        let event = LogEvent(
            level: .warning, message: "run failed", metadata: ["job": "purge", "http-status": "500"],
            source: nil,
            file: "RunEngine/Run.swift", function: "finish()", line: 42)
        let metadata = LogFields(of: event, handler: ["run": "two\nlines"], provider: nil)
        let entry = JournalEntry(of: event, metadata: metadata, identifier: "almanac")
        #expect(
            entry.fields.map { "\($0.name)=\($0.value)" } == [
                "MESSAGE=run failed", "PRIORITY=4", "SYSLOG_IDENTIFIER=almanac",
                "CODE_FILE=RunEngine/Run.swift",
                "CODE_LINE=42", "CODE_FUNC=finish()", "ALMANAC_HTTP_STATUS=500", "ALMANAC_JOB=purge",
                "ALMANAC_RUN=two\nlines",
            ])
        let (bytes, ends) = entry.encoded
        #expect(String(decoding: bytes[..<ends[0]], as: UTF8.self) == "MESSAGE=run failed")
        #expect(String(decoding: bytes[ends[7]..<ends[8]], as: UTF8.self) == "ALMANAC_RUN=two\nlines")
        #expect(ends.last == bytes.count)
    }

    @Test(
        "a journal field's name has only the characters it may have",
        arguments: [
            ("job", "ALMANAC_JOB"), ("http.status", "ALMANAC_HTTP_STATUS"), ("größe", "ALMANAC_GR_SSE"),
            ("1", "ALMANAC_1"),
            ("a=b\n", "ALMANAC_A_B_"), ("", "ALMANAC_"),
        ])
    func fieldNames(key: String, name: String) {
        #expect(JournalEntry.fieldName(ofKey: key) == name)
        #expect(JournalEntry.fieldName(ofKey: String(repeating: "x", count: 100)).utf8.count == 64)
    }

    @Test("each level has its syslog priority")
    func priorities() {
        #expect(Logger.Level.allCases.map(JournalEntry.priority(of:)) == [7, 7, 6, 5, 4, 3, 2])
    }

    @Test(
        "standard error is the journal only when device and inode agree",
        arguments: [
            ("8:1234", true), ("8:1235", false), ("9:1234", false), ("", false), ("8:", false),
            ("8:1234 ", false),
        ])
    func journalStream(stream: String, isJournal: Bool) {
        #expect(LogHandlers.isJournal(stream: stream, device: 8, inode: 1234) == isJournal)
    }

    private func event(_ message: Logger.Message, _ metadata: Logger.Metadata?) -> LogEvent {
        LogEvent(
            level: .info, message: message, metadata: metadata, source: nil, file: "F", function: "f", line: 1
        )
    }

    private func line(_ message: Logger.Message, _ metadata: Logger.Metadata) -> String {
        let event = event(message, metadata)
        return LineLogHandler.line(
            time: "2026-03-29T01:00:00Z", level: event.level, message: message.description,
            fields: LogFields(of: event, handler: [:], provider: nil), isColoured: false)
    }
}
