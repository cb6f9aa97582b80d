import RandomInput
import RunModel
import Testing

@Suite struct JobTableTests {
    private static let names = (0..<40).compactMap { JobName("job\($0)") }

    @Test("a table answers what a dictionary does, whatever is set, removed and merged", arguments: 1...50)
    func model(_ seed: Int) {
        var random = SeededRandom(seed: seed)
        var table = JobTable<Int>()
        var model: [JobName: Int] = [:]
        for step in 0..<200 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                let job = Self.names[Int.random(in: 0..<40, using: &random)]
                table[job] = step
                model[job] = step
            case 1:
                let job = Self.names[Int.random(in: 0..<40, using: &random)]
                table[job] = nil
                model[job] = nil
            default:
                let pairs = (0..<Int.random(in: 0..<30, using: &random)).map { offset in
                    (Self.names[Int.random(in: 0..<40, using: &random)], step * 100 + offset)
                }
                table.merge(pairs)
                model.merge(pairs) { $1 }
            }
            #expect(table.count == model.count)
            #expect(Self.names.allSatisfy { table[$0] == model[$0] })
            #expect(table.pairs.map(\.0) == model.keys.sorted())
        }
    }

    @Test("a value is changed where it is, and a job without one gets none")
    func change() {
        let (one, other) = (Self.names[1], Self.names[2])
        var table: JobTable<[Int]> = [one: [1]]
        table[one]?.append(2)
        table[other]?.append(3)
        #expect(table[one] == [1, 2] && table[other] == nil && table.count == 1)
    }
}
