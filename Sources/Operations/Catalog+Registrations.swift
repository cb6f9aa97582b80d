package import JobCatalog
package import Records

extension Catalog {
    /// The jobs as the store knows them.
    package var registrations: [JobRegistration] {
        jobs.indices.map { index in
            var registration = jobs[index].registration(hash: configHash(at: index))
            registration.zoneData = zoneData
            return registration
        }
    }
}

extension Job {
    /// The job as the store knows it.
    package var registration: JobRegistration { registration(hash: configHash) }

    fileprivate func registration(hash: String) -> JobRegistration {
        JobRegistration(
            job: name, configHash: hash, definition: definitionText,
            overdueAfter: isEnabled && schedule != nil ? policy.overdueGrace : nil)
    }
}
