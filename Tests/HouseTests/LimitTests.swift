import Testing

@Suite("limits of the house")
struct LimitTests {
    static let functionLinesMax = 60

    /// The scheduler, and each file of the engine that is named after a machine.
    private static func isMachine(_ file: SourceFile) -> Bool {
        file.path.hasPrefix("Sources/RunEngine/Scheduler")
            || file.target == "RunEngine" && file.path.contains("Machine")
    }

    @Test("a function has at most 60 lines")
    func functionLength() {
        for file in SourceTree.sources {
            for function in SwiftFunction.all(in: SwiftText(file.bytes).code) {
                #expect(
                    function.lineCount <= Self.functionLinesMax,
                    "\(file.path):\(function.line): \(function.name) has \(function.lineCount) lines: split it"
                )
            }
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
