import TestFiles
import Testing

@Suite("the model of the protocol of hosts")
struct ModelTests {
    /// What the model's first comment lists after `word`, one or more words to a line.
    private static func listed(_ word: String, in model: SourceFile) -> [Substring] {
        model.lines.prefix { $0 != " */" }
            .map { $0.drop { " */".contains($0) } }
            .filter { $0.hasPrefix("\(word) ") }
            .flatMap { $0.split(separator: ":")[0].split(separator: " ").dropFirst() }
    }

    /// The cases of an enumeration, by the code of its file.
    private static func cases(of name: String, in path: String) throws -> [Substring] {
        let file = try #require(SourceTree.sources.first { $0.path == path })
        let code = String(decoding: SwiftText(file.bytes).code, as: UTF8.self)
        let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
        let begin = try #require(lines.firstIndex { $0.contains("enum \(name):") })
        let indent = lines[begin].prefix { $0 == " " }
        return lines[begin...].dropFirst().prefix { $0 != indent + "}" }
            .filter { $0.hasPrefix(indent + "    case ") }
            .map { $0.drop { $0 == " " }.dropFirst(5).prefix { $0.isLetter } }
    }

    private static func model() throws -> SourceFile {
        try #require(SourceTree.models.first { $0.path.hasSuffix("/protocol.pml") })
    }

    @Test("the model goes through the states of the outage machine")
    func states() throws {
        let model = try Self.model()
        let states = try Self.cases(of: "State", in: "Sources/RunEngine/OutageMachine.swift")
        #expect(!states.isEmpty)
        #expect(Self.listed("state", in: model).sorted() == states.sorted())
        let declaration = try #require(model.lines.first { $0.hasPrefix("mtype:state = ") })
        let declared = declaration.split { !$0.isLetter }.dropFirst(2).filter { $0 != "off" }
        #expect(declared.sorted() == states.sorted(), "the states that it declares are others")
    }

    @Test("the model takes the events of the outage machine, or says why not")
    func events() throws {
        let model = try Self.model()
        let events = try Self.cases(of: "OutageEvent", in: "Sources/RunEngine/OutageEvent.swift")
        #expect(!events.isEmpty)
        let modelled = Self.listed("event", in: model)
        #expect((modelled + Self.listed("without", in: model)).sorted() == events.sorted())
        for event in modelled {
            #expect(
                model.lines.contains { $0.contains("ON(\(event), ") },
                "no step of the model is marked as \(event)")
        }
    }
}
