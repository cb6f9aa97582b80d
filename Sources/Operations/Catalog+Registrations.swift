package import JobCatalog
package import RunModel

extension Catalog {
    /// The jobs as the store knows them.
    package var registrations: [JobRegistration] {
        jobs.map { job in
            var registration = job.registration
            registration.zoneData = zoneData
            return registration
        }
    }
}

extension Job {
    /// The job as the store knows it.
    package var registration: JobRegistration {
        JobRegistration(
            job: name, configHash: configHash, definition: definitionText,
            overdueAfter: isEnabled && schedule != nil ? policy.overdueGrace : nil)
    }
}
