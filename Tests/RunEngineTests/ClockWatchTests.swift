import CivilTime
import RunEngine
import Testing

@Suite struct ClockWatchTests {
    /// Ten seconds, of which the machine may be asleep for some, while the wall clock does something of its own.
    private func changes(wall: Duration, sinceBoot: Duration = .seconds(10), awake: Duration = .seconds(10))
        -> [ClockChange]
    {
        let first = ClockReading(wall: at(0), sinceBoot: .seconds(1000), awake: .seconds(900))
        var watch = ClockWatch(first)
        #expect(watch.observe(first) == [])
        return watch.observe(
            ClockReading(
                wall: at(0) + wall, sinceBoot: .seconds(1000) + sinceBoot, awake: .seconds(900) + awake))
    }

    @Test(
        "a clock that was set is told by how far, and which way",
        arguments: [
            (1.5, "forward by 1.5 s"), (3600, "forward by 3600.0 s"), (86400, "forward by 86400.0 s"),
            (-1.5, "back by 1.5 s"), (-3600, "back by 3600.0 s"), (-86400, "back by 86400.0 s"),
        ])
    func step(_ seconds: Double, _ words: String) {
        let found = changes(wall: .seconds(10) + .microseconds(Int64(seconds * 1_000_000)))
        #expect(found.map(\.sentence) == ["the wall clock was set \(words)"])
    }

    @Test(
        "a clock that is being slewed, or a smeared leap second, is no step", arguments: [9100, 10000, 10900])
    func slewed(_ milliseconds: Int) {
        #expect(changes(wall: .milliseconds(milliseconds)) == [])
    }

    @Test("a suspended machine is not a clock that was set")
    func suspension() {
        let night: Duration = .seconds(8 * 3600)
        #expect(changes(wall: night, sinceBoot: night) == [.suspension(night - .seconds(10))])
        #expect(
            changes(wall: night + .seconds(60), sinceBoot: night, awake: .seconds(1))
                .map(\.sentence) == ["the machine was suspended for 28799.0 s"])
    }

    @Test("what was told once is not told again")
    func once() {
        var watch = ClockWatch(ClockReading(wall: at(0), sinceBoot: .zero, awake: .zero))
        let later = ClockReading(wall: at(100), sinceBoot: .seconds(1), awake: .seconds(1))
        #expect(watch.observe(later) == [.step(.seconds(99))])
        #expect(watch.observe(later) == [])
    }
}
