import CivilTime
package import RunModel
package import Scheduling

/// All jobs that were loaded, in the order of their files and lines.
package struct Catalog: Sendable, Equatable {
    /// In the order of their files and lines, disabled ones included.
    package private(set) var jobs: [Job]
    /// The version of the zone data that the schedules were made with; nil when it is not known.
    package let zoneData: String?
    private let indices: [JobName: Int]
    private let hashes: [String]

    /// The catalog of `jobs`, whose names differ.
    package init(jobs: [Job], zoneData: String?) {
        self.jobs = jobs
        self.zoneData = zoneData
        hashes = jobs.map(\.configHash)
        indices = Dictionary(uniqueKeysWithValues: jobs.enumerated().map { ($1.name, $0) })
    }

    /// The job called `name`, disabled ones included; nil when there is none.
    package subscript(_ name: JobName) -> Job? {
        indices[name].map { jobs[$0] }
    }

    /// Where the job called `name` is among `jobs`; nil when there is none.
    package func index(of name: JobName) -> Int? { indices[name] }

    /// `Job.configHash`, which is only computed again for a job that is not of this catalog.
    package func configHash(of job: Job) -> String {
        guard let index = indices[job.name], jobs[index] == job else { return job.configHash }
        return hashes[index]
    }

    /// The same catalog, with when the events of its jobs happened.
    package func withEventTimes(_ times: (JobName) -> EventTimes) -> Catalog {
        var catalog = self
        for index in jobs.indices where jobs[index].schedule?.events.isEmpty == false {
            catalog.jobs[index].schedule?.eventTimes = times(jobs[index].name)
        }
        return catalog
    }

    /// Identifies all definitions together, whatever their order.
    package var hash: String {
        var hash = StableHash()
        for (job, definition) in zip(jobs, hashes).sorted(by: { $0.0.name < $1.0.name }) {
            hash.combine(job.name.description)
            hash.combine(definition)
        }
        return hash.hexadecimal
    }
}

/// A catalog in the making: jobs of several files, and all that was found wrong.
package struct CatalogBuilder: Sendable {
    /// Everything that was found so far, in the order it was added.
    package private(set) var diagnostics: [Diagnostic] = []
    private var jobs: [Job] = []
    private var places: [JobName: SourceLocation] = [:]

    /// A builder without a job or a problem.
    package init() {}

    /// Adds what was read from one file; a name that an earlier file or line has taken is an error.
    package mutating func add(_ newJobs: [Job], _ newDiagnostics: [Diagnostic]) {
        diagnostics += newDiagnostics
        for job in newJobs {
            if let first = places[job.name] {
                diagnostics.append(
                    Diagnostic(
                        .error, at: job.source, width: job.name.description.utf8.count, code: "duplicate-job",
                        "the job “\(job.name)” is defined twice",
                        hint: "the first is at \(first.file):\(first.line); rename one",
                        sourceLine: job.sourceLine))
            } else {
                places[job.name] = job.source
                jobs.append(job)
            }
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

    /// Whether anything stands in the way of using the catalog.
    package var hasErrors: Bool {
        diagnostics.contains { $0.severity == .error }
    }

    /// The catalog of all jobs without an error.
    package func catalog(zoneData: String?) -> Catalog {
        Catalog(jobs: jobs, zoneData: zoneData)
    }
}
