import CivilTime
import HeapModule
import RunModel

/// Who waits for a slot, and who has one: the places in line of one host.
///
/// A slot is the right to have a request under way, from the claim, or the record of the attempt, to the end of the
/// request. Who has waited longest is next, with two exceptions, so that an endpoint that hangs delays its own jobs only:
/// a job that holds `jobShare` slots gets no more, nor does an origin that holds `originShare`, also while nobody else
/// waits. Each operation costs O(log n).
struct Line: Sendable {
    /// Who has a place.
    enum Holder: Hashable, Comparable, Sendable {
        /// The job's next occurrence, which has no run yet.
        case occurrence(JobName)
        /// The next attempt of a run.
        case attempt(RunID)
    }

    /// A place in line.
    struct Place: Sendable {
        var holder: Holder
        var job: JobName
        /// Where its request goes, as `RequestTemplate.origin` spells it.
        var origin: String
        /// Since when it could have begun.
        var since: Instant
    }

    private struct Entry: Comparable, Sendable {
        var place: Place
        var number: UInt64

        static func == (left: Entry, right: Entry) -> Bool { left.number == right.number }

        static func < (left: Entry, right: Entry) -> Bool {
            (left.place.since, left.number) < (right.place.since, right.number)
        }
    }

    /// How many requests may be under way.
    let slots: Int
    /// The number of each place; an entry with another number is stale.
    private var waiting: [Holder: UInt64] = [:]
    private var ready = Heap<Entry>()
    /// Those that wait until their origin, or their job, gives a slot back.
    private var ofOrigin: [String: Heap<Entry>] = [:]
    private var ofJob: [JobName: Heap<Entry>] = [:]
    /// All that ever joined and may still wait, for `oldest` alone.
    private var byAge = Heap<Entry>()
    private var held: [RunID: (job: JobName, origin: String)] = [:]
    private var heldByOrigin: [String: Int] = [:]
    private var heldByJob: [JobName: Int] = [:]
    private var number: UInt64 = 0
    /// Places that were given up since the heaps were cleaned.
    private var left = 0

    /// More stale entries than this, beyond as many as wait, are not kept.
    private static var staleMax: Int { 64 }

    /// A line before `slots` slots, 1 or more.
    init(slots: Int) {
        precondition(slots >= 1, "\(slots) slots let nothing run")
        self.slots = slots
    }

    /// The most slots of one job: half of them, so that others always find some.
    static func jobShare(of slots: Int) -> Int { max(1, slots / 2) }

    /// The most slots of one origin: three quarters.
    static func originShare(of slots: Int) -> Int { max(1, slots - slots / 4) }

    /// Since when the place that has waited longest waits; nil when nobody does.
    var oldest: Instant? { byAge.min?.place.since }

    /// The runs that have a slot.
    var holders: some Sequence<RunID> { held.keys }

    /// Gives somebody a place, behind all that could have begun before.
    mutating func join(_ place: Place) {
        guard waiting[place.holder] == nil else { return }
        number += 1
        waiting[place.holder] = number
        let entry = Entry(place: place, number: number)
        ready.insert(entry)
        byAge.insert(entry)
        if byAge.count > 2 * waiting.count + Self.staleMax { byAge = Heap(byAge.unordered.filter(isWaiting)) }
    }

    /// Gives a place up.
    mutating func leave(_ holder: Holder) {
        guard waiting.removeValue(forKey: holder) != nil else { return }
        dropStale()
        left += 1
        guard left > waiting.count + Self.staleMax else { return }
        left = 0
        // Those that are stale let one of their origin and job try again, as they would have in their turn.
        let all = ([ready] + ofOrigin.values + ofJob.values).flatMap(\.unordered)
        ready = Heap(all.filter(isWaiting))
        ofOrigin = [:]
        ofJob = [:]
    }

    /// Whose turn it is; nil when nobody waits who may have a slot. Whoever takes it says so by `take`, else by `pass`.
    mutating func next() -> Place? {
        while held.count < slots, let entry = ready.popMin() {
            let place = entry.place
            if !isWaiting(entry) {
                pass(place)
            } else if heldByOrigin[place.origin, default: 0] >= Self.originShare(of: slots) {
                ofOrigin[place.origin, default: Heap()].insert(entry)
            } else if heldByJob[place.job, default: 0] >= Self.jobShare(of: slots) {
                ofJob[place.job, default: Heap()].insert(entry)
                recall(\.ofOrigin, place.origin)
            } else {
                waiting[place.holder] = nil
                dropStale()
                return place
            }
        }
        return nil
    }

    /// The run has the slot of a place that `next` answered.
    mutating func take(_ place: Place, for run: RunID) {
        held[run] = (place.job, place.origin)
        heldByOrigin[place.origin, default: 0] += 1
        heldByJob[place.job, default: 0] += 1
    }

    /// Nobody wants the slot of a place: the next of its origin and its job may try.
    mutating func pass(_ place: Place) {
        recall(\.ofOrigin, place.origin)
        recall(\.ofJob, place.job)
    }

    /// Gives a slot back.
    mutating func release(_ run: RunID) {
        guard let (job, origin) = held.removeValue(forKey: run) else { return }
        heldByOrigin[origin] = heldByOrigin[origin].flatMap { $0 > 1 ? $0 - 1 : nil }
        heldByJob[job] = heldByJob[job].flatMap { $0 > 1 ? $0 - 1 : nil }
        recall(\.ofOrigin, origin)
        recall(\.ofJob, job)
    }

    /// The first that waits in `parked` may try again.
    private mutating func recall<Key>(_ parked: WritableKeyPath<Line, [Key: Heap<Entry>]>, _ key: Key) {
        while let entry = self[keyPath: parked][key]?.popMin() {
            guard isWaiting(entry) else { continue }
            ready.insert(entry)
            break
        }
        if self[keyPath: parked][key]?.isEmpty == true { self[keyPath: parked][key] = nil }
    }

    /// The first by age always waits.
    private mutating func dropStale() {
        while let entry = byAge.min, !isWaiting(entry) { byAge.removeMin() }
    }

    private func isWaiting(_ entry: Entry) -> Bool { waiting[entry.place.holder] == entry.number }
}
