import RunStoreConformance
import SQLiteStore
import TestFiles
import Testing

@Test("the embedded store keeps the contract of run stores", arguments: StoreCheck.all + StoreCheck.ofReading)
func embeddedStoreConforms(check: StoreCheck) async throws {
    try await withTemporaryDirectory { directory in
        try await check.run { SQLiteRunStore(path: directory + "/runs.sqlite", clock: { fixedNow }) }
    }
}
