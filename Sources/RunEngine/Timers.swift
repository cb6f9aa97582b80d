import CivilTime
import HeapModule

/// When things want to be looked at, the earliest first; each key has at most one instant.
///
/// Setting, moving and taking cost O(log n). What was moved or ended stays in the heap until it is the first, or until
/// there is more of that than of what counts.
struct Timers<Key: Hashable & Comparable & Sendable>: Sendable {
    private struct Entry: Comparable, Sendable {
        var at: Instant
        var key: Key

        static func < (left: Entry, right: Entry) -> Bool {
            left.at == right.at ? left.key < right.key : left.at < right.at
        }
    }

    private var heap = Heap<Entry>()
    private var instants: [Key: Instant] = [:]

    /// More stale entries than this, beyond as many as count, are not kept.
    private static var staleMax: Int { 64 }

    /// The earliest instant; nil when nothing is set.
    var first: Instant? { heap.min?.at }

    /// Sets when `key` wants to be looked at; nil: not at all.
    mutating func set(_ key: Key, _ at: Instant?) {
        defer { dropStale() }
        guard let at else {
            instants[key] = nil
            return
        }
        guard instants.updateValue(at, forKey: key) != at else { return }
        heap.insert(Entry(at: at, key: key))
        guard heap.count > 2 * instants.count + Self.staleMax else { return }
        heap = Heap(instants.map { Entry(at: $1, key: $0) })
    }

    /// The first entry always counts.
    private mutating func dropStale() {
        while let entry = heap.min, instants[entry.key] != entry.at { heap.removeMin() }
    }

    /// Takes the keys whose instant has come, in the order of their instants.
    mutating func takeDue(at now: Instant) -> [Key] {
        var due: [Key] = []
        while let at = first, at <= now {
            let key = heap.removeMin().key
            instants[key] = nil
            due.append(key)
            dropStale()
        }
        return due
    }
}
