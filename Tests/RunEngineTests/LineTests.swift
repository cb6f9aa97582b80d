import CivilTime
import RandomInput
import RunModel
import Testing

@testable import RunEngine

@Suite("places in line for the slots of a host")
struct LineTests {
    private static let api = "https://api"

    private func job(_ name: String) throws -> JobName { try #require(JobName(name)) }

    private func place(_ name: String, _ origin: String = api, since: Double = 0) throws -> Line.Place {
        let job = try job(name)
        return Line.Place(holder: .occurrence(job), job: job, origin: origin, since: at(since))
    }

    /// Lets everybody take a slot whose turn it is, and answers who did.
    private func serve(_ line: inout Line, _ runs: inout [RunID: String]) -> [String] {
        var served: [String] = []
        while let place = line.next() {
            let id = RunID(random: UInt128(runs.count + 1))
            line.take(place, for: id)
            runs[id] = place.job.description
            served.append(place.job.description)
        }
        return served
    }

    @Test("who could have begun first is next, and of two of one instant who came first")
    func order() throws {
        var line = Line(slots: 4)
        var runs: [RunID: String] = [:]
        for (name, since) in [("b", 2.0), ("c", 1), ("a", 2)] { line.join(try place(name, since: since)) }
        #expect(line.oldest == at(1))
        #expect(serve(&line, &runs) == ["c", "b", "a"])
        #expect(line.oldest == nil)
    }

    @Test("one origin holds at most three quarters of the slots, and others find the rest at once")
    func origins() throws {
        var line = Line(slots: 8)
        var runs: [RunID: String] = [:]
        for number in 0..<20 { line.join(try place("slow\(number)")) }
        #expect(serve(&line, &runs).count == 6)
        line.join(try place("other", "https://other", since: 100))
        #expect(serve(&line, &runs) == ["other"])
        // Each slot that its origin gives back goes to the next of that origin.
        let first = try #require(runs.first { $0.value == "slow0" }).key
        line.release(first)
        #expect(serve(&line, &runs) == ["slow6"])
        #expect(line.oldest == at(0))
    }

    @Test("one job holds at most half of the slots, and other jobs of its origin find the rest")
    func jobs() throws {
        var line = Line(slots: 8)
        let busy = try job("busy")
        for number in 1...10 {
            line.join(
                Line.Place(
                    holder: .attempt(RunID(random: UInt128(number))), job: busy, origin: Self.api,
                    since: at(0)))
        }
        var runs: [RunID: String] = [:]
        #expect(serve(&line, &runs).count == 4)
        line.join(try place("quick", since: 50))
        #expect(serve(&line, &runs) == ["quick"])
        let held = try #require(runs.first { $0.value == "busy" }).key
        line.release(held)
        #expect(serve(&line, &runs) == ["busy"])
    }

    @Test("a single slot is everybody's, in turn")
    func single() throws {
        var line = Line(slots: 1)
        var runs: [RunID: String] = [:]
        for name in ["a", "b"] { line.join(try place(name)) }
        #expect(serve(&line, &runs) == ["a"])
        line.release(try #require(runs.keys.first))
        #expect(serve(&line, &runs) == ["b"])
    }

    @Test("a place that is given up keeps nobody behind it from a slot")
    func leaving() throws {
        var line = Line(slots: 4)
        var runs: [RunID: String] = [:]
        for name in ["a", "b", "c", "d", "e", "f"] { line.join(try place(name)) }
        #expect(serve(&line, &runs) == ["a", "b", "c"])
        line.leave(.occurrence(try job("d")))
        line.release(try #require(runs.first { $0.value == "a" }).key)
        line.leave(.occurrence(try job("e")))
        #expect(serve(&line, &runs) == ["f"])
        #expect(line.oldest == nil)
    }

    @Test("whatever happens, no limit is passed, and nobody waits who may have a slot", arguments: 1...20)
    func laws(seed: Int) throws {
        var random = SeededRandom(seed: seed)
        let slots = random.number(1...9)
        var line = Line(slots: slots)
        var held: [(id: RunID, place: Line.Place)] = []
        var waiting: [Line.Holder: Line.Place] = [:]
        for step in 1...3000 {
            switch random.below(4) {
            case 0, 1:
                let job = try job("j\(random.below(6))")
                let id = RunID(random: UInt128(step))
                let place = Line.Place(
                    holder: .attempt(id), job: job, origin: "o\(random.below(3))",
                    since: at(Double(random.below(50))))
                line.join(place)
                waiting[place.holder] = place
            case 2:
                guard let (holder, _) = waiting.min(by: { $0.key < $1.key }) else { break }
                line.leave(holder)
                waiting[holder] = nil
            default:
                guard !held.isEmpty else { break }
                line.release(held.remove(at: random.below(held.count)).id)
            }
            while let place = line.next() {
                #expect(waiting.removeValue(forKey: place.holder) != nil)
                if random.oneIn(5) {
                    line.pass(place)
                } else {
                    let id = RunID(random: UInt128(step) << 64 | UInt128(held.count))
                    line.take(place, for: id)
                    held.append((id, place))
                }
            }
            func share(_ place: Line.Place) -> (Int, Int) {
                (held.count { $0.place.origin == place.origin }, held.count { $0.place.job == place.job })
            }
            let (originShare, jobShare) = (Line.originShare(of: slots), Line.jobShare(of: slots))
            #expect(held.count <= slots && Set(line.holders) == Set(held.map(\.id)))
            #expect(held.allSatisfy { share($0.place).0 <= originShare && share($0.place).1 <= jobShare })
            let mayHave = waiting.values.filter { share($0).0 < originShare && share($0).1 < jobShare }
            #expect(mayHave.isEmpty || held.count == slots, "seed \(seed), step \(step)")
            #expect(line.oldest == waiting.values.map(\.since).min())
        }
    }
}
