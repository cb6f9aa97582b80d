/// A value for each of many jobs, in the order of their names.
///
/// It takes what the names and values take, where a dictionary of a hundred thousand keeps more than half of its room
/// empty. Finding and changing a value costs O(log n), adding or removing one name O(n): many are merged at once.
package struct JobTable<Value> {
    private var names: [JobName] = []
    private var values: [Value] = []

    /// No job.
    package init() {}

    /// These values; of a name that repeats the last counts.
    package init(_ pairs: some Sequence<(JobName, Value)>) {
        var sorted = Array(pairs)
        // Jobs mostly come in the order of their names already, and a sort that keeps the order of equals costs.
        if !zip(sorted, sorted.dropFirst()).allSatisfy({ $0.0 <= $1.0 }) {
            sorted = sorted.enumerated().sorted {
                ($0.element.0, $0.offset) < ($1.element.0, $1.offset)
            }.map(\.element)
        }
        names.reserveCapacity(sorted.count)
        values.reserveCapacity(sorted.count)
        for (name, value) in sorted {
            if names.last == name {
                values[values.count - 1] = value
            } else {
                names.append(name)
                values.append(value)
            }
        }
    }

    /// How many jobs have a value.
    package var count: Int { names.count }

    /// The jobs with their values, in the order of the names.
    package var pairs: some Sequence<(JobName, Value)> { zip(names, values).lazy.map { ($0, $1) } }

    /// The value of a job; nil when it has none.
    package subscript(_ name: JobName) -> Value? {
        get {
            let place = place(of: name)
            return place.isTaken ? values[place.index] : nil
        }
        set {
            let place = place(of: name)
            switch (place.isTaken, newValue) {
            case (true, let value?): values[place.index] = value
            case (true, nil):
                names.remove(at: place.index)
                values.remove(at: place.index)
            case (false, let value?):
                names.insert(name, at: place.index)
                values.insert(value, at: place.index)
            case (false, nil): break
            }
        }
    }

    /// Sets the values of many jobs; of a name that repeats the last counts.
    package mutating func merge(_ pairs: some Sequence<(JobName, Value)>) {
        let pairs = Array(pairs)
        // A few names cost less one by one than all of them together, even if each is new.
        guard pairs.count > Self.fewMax else {
            for (name, value) in pairs { self[name] = value }
            return
        }
        self = JobTable(Array(self.pairs) + pairs)
    }

    private static var fewMax: Int { 16 }

    private func place(of name: JobName) -> (index: Int, isTaken: Bool) {
        var (low, high) = (0, names.count)
        while low < high {
            let middle = (low + high) / 2
            if names[middle] < name { low = middle + 1 } else { high = middle }
        }
        return (low, low < names.count && names[low] == name)
    }
}

extension JobTable: Sendable where Value: Sendable {}
extension JobTable: Equatable where Value: Equatable {}

extension JobTable: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (JobName, Value)...) {
        self.init(elements)
    }
}
