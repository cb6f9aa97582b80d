import CivilTime
import Testing

@testable import PostgresStore

@Suite("instants as PostgreSQL reads them")
struct TimestampTests {
    @Test(
        "each instant has a text, the earliest and the latest too",
        arguments: [
            (0, "J2440588 0:0:0.000000Z"), (-1, "J2440587 23:59:59.999999Z"),
            (1_500_000, "J2440588 0:0:1.500000Z"),
            (Int64.min, "J-104311404 19:59:5.224192Z"), (Int64.max, "J109192579 4:0:54.775807Z"),
        ] as [(Int64, String)])
    func texts(microseconds: Int64, text: String) {
        #expect(Instant(microseconds: microseconds).timestamptz == text)
    }
}
