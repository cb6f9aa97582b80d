import CivilTime
import Records
import RunModel
import Testing

@Suite struct StoredDefinitionTests {
    private func definition(_ job: String, _ since: Int64, _ hash: String?, zones: String = "a") throws
        -> StoredDefinition
    {
        StoredDefinition(
            job: try #require(JobName(job)), since: Instant(seconds: since), configHash: hash,
            zoneData: zones, definition: nil, host: HostID("h/1"))
    }

    @Test("a definition is in force since it followed another, whatever zone data came meanwhile")
    func inForceSince() throws {
        let definitions = try [
            definition("a", 10, "1"), definition("a", 20, "2"), definition("a", 30, "2", zones: "b"),
            definition("b", 10, "1"), definition("b", 20, nil),
            definition("c", 10, "1"), definition("c", 20, nil), definition("c", 30, "1"),
        ]
        let since = StoredDefinition.inForceSince(definitions)
        #expect(since.mapValues(\.seconds).map { "\($0) \($1)" }.sorted() == ["a 20", "c 30"])
    }
}
