import CivilTime
package import RunModel
package import Scheduling

/// All jobs that were loaded, in the order of their files and lines.
package struct Catalog: Sendable, Equatable {
    /// In the order of their files and lines, disabled ones included.
    package private(set) var jobs: [Job]
    /// The version of the zone data that the schedules were made with; nil when it is not known.
    package let zoneData: String?
    /// Identifies all definitions together, whatever their order; empty when the catalog is not hashed.
    package let hash: String
    /// Where each job is among `jobs`, in the order of their names: a few bytes a job, where a dictionary takes many.
    private let order: [Int32]
    private let hashes: [StableHash]

    /// The catalog of `jobs`, whose names differ. Who compares no definitions has it without their hashes, a quarter of the time
    /// that it takes to read many jobs.
    package init(jobs: [Job], zoneData: String?, isHashed: Bool = true) {
        self.jobs = jobs
        self.zoneData = zoneData
        let names = jobs.map(\.name)
        let order = names.indices.sorted { names[$0] < names[$1] }
        let hashes = isHashed ? jobs.map(\.definitionHash) : []
        var hash = StableHash()
        for (position, index) in order.enumerated() {
            precondition(position == 0 || names[order[position - 1]] != names[index], "two jobs of one name")
            guard isHashed else { continue }
            hash.combine(names[index].description)
            hash.combine(hashes[index].hexadecimal)
        }
        self.hash = isHashed ? hash.hexadecimal : ""
        self.order = order.map(Int32.init)
        self.hashes = hashes
    }

    /// The job called `name`, disabled ones included; nil when there is none.
    package subscript(_ name: JobName) -> Job? {
        index(of: name).map { jobs[$0] }
    }

    /// Where the job called `name` is among `jobs`; nil when there is none.
    package func index(of name: JobName) -> Int? {
        let place = place(of: name)
        guard place < order.count, case let index = Int(order[place]), jobs[index].name == name else {
            return nil
        }
        return index
    }

    /// Where the jobs are among `jobs` whose names follow `name`, in the order of their names, at most so many; all names
    /// follow nil.
    package func indices(after name: JobName?, atMost limit: Int) -> [Int] {
        var first = name.map(place) ?? 0
        if first < order.count, jobs[Int(order[first])].name == name { first += 1 }
        return order[first...].prefix(limit).map(Int.init)
    }

    /// How many names come before `name`.
    private func place(of name: JobName) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if jobs[Int(order[middle])].name < name { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// `Job.configHash`, which is only computed again for a job that is not of this catalog.
    package func configHash(of job: Job) -> String {
        guard !hashes.isEmpty, let index = index(of: job.name), jobs[index] == job else {
            return job.configHash
        }
        return configHash(at: index)
    }

    /// `Job.configHash` of the job at an index of `jobs`; of a hashed catalog.
    package func configHash(at index: Int) -> String { hashes[index].hexadecimal }

    /// Whether the job at an index of `jobs` has the same definition as the one at an index of another catalog;
    /// both are hashed.
    package func isSame(_ index: Int, as otherIndex: Int, of other: Catalog) -> Bool {
        hashes[index] == other.hashes[otherIndex]
    }

    /// The same catalog, with when the events of its jobs happened.
    package func withEventTimes(_ times: (JobName) -> EventTimes) -> Catalog {
        var catalog = self
        for index in jobs.indices where jobs[index].schedule?.events.isEmpty == false {
            catalog.jobs[index].schedule?.eventTimes = times(jobs[index].name)
        }
        return catalog
    }
}

/// A catalog in the making: jobs of several files, and all that was found wrong.
package struct CatalogBuilder: Sendable {
    /// Everything that was found so far, in the order it was added.
    package private(set) var diagnostics: [Diagnostic] = []
    /// The warnings of requests that may not be made, in the order of the jobs.
    package private(set) var refusals: [Diagnostic] = []
    /// What the jobs have in common, each once.
    package var parts = SharedParts()
    private var jobs: [Job] = []
    private var indices: [JobName: Int32] = [:]

    /// A builder without a job or a problem.
    package init() {}

    /// Adds what was read from one file; a name that an earlier file or line has taken is an error. `line` answers the line
    /// that defines a job, for showing it, and `refusal` why a job's requests may not be made, of which it is warned.
    package mutating func add(
        _ newJobs: [Job], _ newDiagnostics: [Diagnostic], line: (Job) -> String? = { _ in nil },
        refusal: (Job) -> ValueRules.Refusal? = { _ in nil }
    ) {
        diagnostics += newDiagnostics
        indices.reserveCapacity(indices.count + newJobs.count)
        for job in newJobs {
            guard let known = indices[job.name] else {
                indices[job.name] = Int32(jobs.count)
                jobs.append(job)
                if let refusal = refusal(job) { refusals.append(job.warning(refusal, line: line(job))) }
                continue
            }
            let first = jobs[Int(known)].source
            diagnostics.append(
                Diagnostic(
                    .error, at: job.source, width: job.name.description.utf8.count, code: "duplicate-job",
                    "the job “\(job.name)” is defined twice",
                    hint: "the first is at \(first.file):\(first.line); rename one",
                    sourceLine: line(job)))
        }
    }

    /// The diagnostics in the order of files and, within each, of places.
    package var sortedDiagnostics: [Diagnostic] {
        var order: [String: Int] = [:]
        for diagnostic in diagnostics where order[diagnostic.location.file] == nil {
            order[diagnostic.location.file] = order.count
        }
        func key(_ diagnostic: Diagnostic) -> (Int, Int, Int) {
            let location = diagnostic.location
            return (order[location.file] ?? 0, location.line, location.column)
        }
        return diagnostics.enumerated().sorted { left, right in
            let (first, second) = (key(left.element), key(right.element))
            return first == second ? left.offset < right.offset : first < second
        }.map(\.element)
    }

    /// Adds a problem of a file that could not be read at all.
    package mutating func add(_ diagnostic: Diagnostic) {
        diagnostics.append(diagnostic)
    }

    /// Adds the jobs of a task file.
    package mutating func add(_ tasks: TaskJobs, refusal: (Job) -> ValueRules.Refusal?) {
        add(tasks.jobs.map { $0.sharing(&parts) }, tasks.diagnostics, refusal: refusal)
    }

    /// Whether anything stands in the way of using the catalog.
    package var hasErrors: Bool {
        diagnostics.contains { $0.severity == .error }
    }

    /// The catalog of all jobs without an error.
    package func catalog(zoneData: String?, isHashed: Bool = true) -> Catalog {
        Catalog(jobs: jobs, zoneData: zoneData, isHashed: isHashed)
    }
}
