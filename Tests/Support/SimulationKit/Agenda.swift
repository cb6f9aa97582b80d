import CivilTime

/// What will happen, in the order of time; of things at the same time, first what was planned first.
struct Agenda<Action> {
    private var heap: [(at: Instant, serial: Int, action: Action)] = []
    private var serial = 0

    var isEmpty: Bool { heap.isEmpty }

    mutating func add(_ action: Action, at: Instant) {
        serial += 1
        heap.append((at, serial, action))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isBefore(child, parent) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out what comes first, unless it comes after `end`.
    mutating func next(until end: Instant) -> (Instant, Action)? {
        guard let first = heap.first, first.at <= end, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return (first.at, first.action) }
        heap[0] = last
        var parent = 0
        while true {
            var least = 2 * parent + 1
            guard least < heap.count else { break }
            if least + 1 < heap.count, isBefore(least + 1, least) { least += 1 }
            guard isBefore(least, parent) else { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return (first.at, first.action)
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        heap[left].at == heap[right].at
            ? heap[left].serial < heap[right].serial : heap[left].at < heap[right].at
    }
}
