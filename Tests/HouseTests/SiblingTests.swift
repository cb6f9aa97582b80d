import Testing

/// The two stores, file by file: who reads one method finds its sibling in the file of the same name.
@Suite("sibling stores")
struct SiblingTests {
    /// The last part of the name of each file of a store that has a declaration, by what is declared.
    private static func places(
        of beginning: String, in target: String, _ files: String
    ) -> [String: Set<String>] {
        var places: [String: Set<String>] = [:]
        for file in SourceTree.sources where file.target == target {
            let name = file.path.split(separator: "/").last.map(String.init) ?? ""
            guard name.hasPrefix(files) else { continue }
            for line in file.lines where line.hasPrefix("    \(beginning)") {
                let declared = line.dropFirst(beginning.count + 4).prefix { $0.isLetter || $0.isNumber }
                places[String(declared), default: []].insert(String(name.dropFirst(files.count)))
            }
        }
        return places
    }

    @Test(
        "a method or a statement of both stores is in files of the same name",
        arguments: [
            ("package func ", "PostgresRunStore", "SQLiteRunStore"),
            ("package nonisolated func ", "PostgresRunStore", "SQLiteRunStore"),
            ("func ", "PostgresRunStore", "SQLiteRunStore"),
            ("static let ", "Statements", "Statements"), ("static func ", "Statements", "Statements"),
        ])
    func rooms(_ beginning: String, _ postgres: String, _ sqlite: String) {
        let first = Self.places(of: beginning, in: "PostgresStore", postgres)
        let second = Self.places(of: beginning, in: "SQLiteStore", sqlite)
        #expect(!first.isEmpty)
        for (name, files) in first {
            guard let others = second[name] else { continue }
            #expect(files == others, "\(name) is in \(files.sorted()) and in \(others.sorted())")
        }
    }
}
