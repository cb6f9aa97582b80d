import Testing

@Suite("limits of the house")
struct LimitTests {
    static let functionLinesMax = 60
    /// Functions that are longer, as a path and a name, with their length of today: they may only become shorter.
    static let longFunctions = [
        "Sources/Daemon/DaemonProgram.swift run": 61
    ]

    /// The scheduler, and each file of the engine that is named after a machine.
    private static func isMachine(_ file: SourceFile) -> Bool {
        file.path.hasPrefix("Sources/RunEngine/Scheduler")
            || file.target == "RunEngine" && file.path.contains("Machine")
    }

    @Test("a function has at most 60 lines")
    func functionLength() {
        var known = Self.longFunctions
        for file in SourceTree.sources {
            for function in SwiftFunction.all(in: SwiftText(file.bytes).code) {
                guard function.lineCount > Self.functionLinesMax else { continue }
                let place = "\(file.path) \(function.name)"
                let limit = known.removeValue(forKey: place) ?? Self.functionLinesMax
                #expect(
                    function.lineCount == limit,
                    "\(place), line \(function.line): \(function.lineCount) lines instead of \(limit)"
                )
            }
        }
        for place in known.keys.sorted() {
            Issue.record("\(place) is within the limit: remove its exception")
        }
    }

    @Test("a switch of a state machine names every case")
    func machineDefaults() {
        let files = SourceTree.sources.filter(Self.isMachine)
        #expect(files.count > 5)
        for file in files {
            let code = String(decoding: SwiftText(file.bytes).code, as: UTF8.self)
            let lines = code.split(separator: "\n").map { $0.drop { $0 == " " } }
            let count = lines.count { $0.hasPrefix("default:") }
            #expect(
                count == 0,
                "\(file.path) has \(count) default: write each case, so that a new state must be decided here"
            )
        }
    }
}
