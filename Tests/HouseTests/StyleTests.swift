import Testing

/// A word that must not be in the source, and what to write in its place.
struct BannedWord: Sendable, CustomTestStringConvertible {
    var word: String
    var instead: String
    /// Files in which it may stand, with the reason beside them.
    var exceptions: Set<String> = []

    var testDescription: String { "\(word): \(instead)" }
}

@Suite("style")
struct StyleTests {
    /// Files that are longer than the limit, with the reason.
    static let longFiles: Set<String> = []

    static let words = [
        BannedWord(word: " Date(", instead: "Instant: one type for time, in exact microseconds"),
        BannedWord(word: " TimeZone(", instead: "Zone: the system's zone files, not a library's copy"),
        BannedWord(word: "try!", instead: "handle the error"),
        BannedWord(word: " as! ", instead: "a type that needs no cast"),
        BannedWord(word: "fatalError(", instead: "preconditionFailure with what was violated"),
        BannedWord(
            word: " Task {", instead: "a task group: every task has an owner that waits for it",
            exceptions: [
                // Its owner waits for it; in a group it would be cancelled, which SwiftNIO does not survive.
                "Sources/Listener/Listener.swift",
                // The server outlives the call that starts it; the one that stops it waits.
                "Sources/StandInAPI/StandInAPI.swift",
            ]),
        BannedWord(word: "Task.detached", instead: "a task group: every task has an owner that waits for it"),
        BannedWord(word: "DispatchQueue", instead: "a thread of its own for blocking calls (BlockingThread)"),
        BannedWord(
            word: "@unchecked Sendable", instead: "a mutex or an actor",
            exceptions: [
                // Guarded by a lock and a condition variable of C, which the compiler cannot see.
                "Sources/BlockingThread/JobQueue.swift",
                // Owned by one thread; libcurl allows one function from others.
                "Sources/CurlTransport/MultiHandle.swift",
            ]),
        BannedWord(
            word: "nonisolated(unsafe)", instead: "a mutex or an actor",
            exceptions: [
                // Keeps the optimiser from removing what is measured; a program of one thread.
                "Sources/Benchmarks/Measurement.swift"
            ]),
        BannedWord(
            word: " print(", instead: "Console of the command line, or the log",
            exceptions: Set(
                // These programs talk to a person who has started them, and have no log.
                SourceTree.sources.map(\.path).filter {
                    $0.hasPrefix("Sources/Benchmarks/") || $0.hasPrefix("Sources/standin-api/")
                })),
    ]

    @Test("words that have a better replacement are not used", arguments: words)
    func banned(_ banned: BannedWord) {
        for file in SourceTree.sources where !banned.exceptions.contains(file.path) {
            for place in file.places(where: { " \($0)".contains(banned.word) }) {
                Issue.record("\(place): not “\(banned.word)”, but \(banned.instead)")
            }
        }
        for file in banned.exceptions {
            #expect(
                SourceTree.sources.contains { $0.path == file }, "\(file) is gone: remove its exception")
        }
    }

    @Test("what is left to do has an issue's number")
    func leftOver() {
        for file in SourceTree.everySwiftFile where file.target != "HouseTests" {
            for (index, line) in file.lines.enumerated() {
                for mark in ["TODO", "FIXME", "XXX:"] where line.contains(mark) {
                    #expect(line.contains("\(mark)(#"), "\(file.path):\(index + 1): write \(mark)(#NUMBER)")
                }
            }
        }
    }

    @Test("a file has at most 400 lines")
    func fileLength() {
        for file in SourceTree.everySwiftFile where file.lines.count > 400 {
            #expect(
                Self.longFiles.contains(file.path), "\(file.path) has \(file.lines.count) lines: split it")
        }
        for path in Self.longFiles {
            let file = SourceTree.everySwiftFile.first { $0.path == path }
            #expect((file?.lines.count ?? 0) > 400, "\(path) no longer needs its exception")
        }
    }

    @Test("no line is longer than 130 columns, but for a text; the formatter holds code to 110")
    func lineLength() {
        for file in SourceTree.everySwiftFile {
            for (index, line) in file.lines.enumerated() where !line.contains("\"") && !line.contains("</") {
                #expect(line.count <= 130, "\(file.path):\(index + 1) has \(line.count) columns")
            }
        }
    }

    @Test("no line ends with a blank, has a tab, or says who wrote it")
    func whitespace() {
        for file in SourceTree.sources {
            for (index, line) in file.lines.enumerated() {
                let place = "\(file.path):\(index + 1)"
                #expect(line.last != " ", "\(place) ends with a blank")
                #expect(!line.contains("\t"), "\(place) has a tab")
                #expect(!line.hasPrefix("//  Created by"), "\(place)")
            }
        }
    }

    @Test("every declaration at the top of a file that other modules see has a sentence about it")
    func documentation() {
        let kinds: Set<Substring> = [
            "struct", "enum", "class", "actor", "protocol", "func", "typealias", "let", "var",
        ]
        for file in SourceTree.sources {
            let lines = file.lines
            for (index, line) in lines.enumerated() where line.hasPrefix("package ") {
                let words = line.split(separator: " ").prefix(4)
                guard !words.contains("import"), words.contains(where: kinds.contains) else { continue }
                let before = lines[..<index].last { !$0.hasPrefix("@") && !$0.isEmpty } ?? ""
                #expect(
                    before.hasPrefix("///"), "\(file.path):\(index + 1): say in a sentence what it is")
            }
        }
    }

    @Test("a function of a suite that looks like a test is one")
    func forgottenTests() {
        for file in SourceTree.tests where file.path.hasSuffix("Tests.swift") {
            var isSuite = false
            let lines = file.lines
            for (index, line) in lines.enumerated() {
                if !line.hasPrefix(" "), line.hasSuffix("{") { isSuite = line.contains("Tests") }
                guard isSuite, line.hasPrefix("    func "), !line.contains("->") else { continue }
                // The attribute may span lines; a blank line or the end of another declaration stands before it.
                let before = lines[..<index].reversed().prefix { !$0.isEmpty && $0 != "    }" }
                let isTest = before.contains { $0.hasPrefix("    @Test") }
                #expect(isTest, "\(file.path):\(index + 1): add @Test, or make it private")
            }
        }
    }
}
