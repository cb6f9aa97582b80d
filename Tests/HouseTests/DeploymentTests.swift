import Testing

@Suite("what is shipped")
struct DeploymentTests {
    /// Files of a release are never edited: databases hold their checksums. A change is a new file with the next number.
    /// Until the first release the sums follow the files.
    static let migrations = [
        "Sources/PostgresStore/Migrations/v0001_runs.sql": "21972d15e2589ed0",
        "Sources/PostgresStore/Migrations/v0002_views.sql": "7a93912def0a6851",
        "Sources/PostgresStore/Migrations/v0003_overdue_until_now.sql": "fa0491ace192f858",
        "Sources/SQLiteStore/Migrations/v0001_runs.sql": "d86c50db8fb81d3e",
        "Sources/SQLiteStore/Migrations/v0002_journal.sql": "e1a9bb47986688fe",
    ]

    @Test("migrations of a release are as they were released, and each has its number once per store")
    func migrations() {
        var numbers: Set<String> = []
        for file in SourceTree.migrations {
            let name = file.path.split(separator: "/").last ?? ""
            let number = "\(file.target) \(name.prefix { $0 != "_" })"
            #expect(numbers.insert(number).inserted, "\(file.path): its number is taken")
            #expect(name.hasPrefix("v0"), "\(file.path): a name begins with v and four digits")
            #expect(file.text.hasPrefix("--"), "\(file.path): it begins with a comment that says why")
            if let sum = Self.migrations[file.path] {
                #expect(
                    checksum(file.bytes) == sum, "\(file.path) was changed after its release: write a new one"
                )
            }
        }
        #expect(numbers.count >= 2)
        for path in Self.migrations.keys.sorted() {
            #expect(SourceTree.migrations.contains { $0.path == path }, "\(path) was released, and is gone")
        }
    }

    @Test("no file that operators copy holds anything like a secret")
    func secrets() {
        #expect(!SourceTree.deployment.isEmpty)
        for file in SourceTree.deployment {
            for (index, line) in file.lines.enumerated() {
                let words = line.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
                for word in words where word.count >= 32 && word.contains(where: \.isNumber) {
                    // The identity that systemd gives to a kind of message is public.
                    guard !word.hasPrefix("7ad2d189f7e9") else { continue }
                    Issue.record("\(file.path):\(index + 1): “\(word.prefix(8))…” looks like a token")
                }
            }
        }
    }

    /// FNV-1a of 64 bits, in hexadecimal: enough to notice an edit.
    private func checksum(_ bytes: [UInt8]) -> String {
        String(
            bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
    }
}
