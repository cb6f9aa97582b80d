import CivilTime
import RunStoreConformance
import Testing

@Test(
    "the store of the simulations keeps the contract of run stores",
    arguments: StoreCheck.all + StoreCheck.ofReading)
func inMemoryStoreConforms(check: StoreCheck) async throws {
    let store = InMemoryRunStore(clock: { Instant(seconds: 1_795_392_600) })
    try await check.run { store }
}
