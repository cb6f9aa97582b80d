import Testing

/// What the modules of a layer may import, and why nothing else.
struct Layer: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var targets: [String]
    /// Beyond the modules of this package, whose direction Package.swift states.
    var imports: Set<String>
}

@Suite("layers")
struct LayerTests {
    static let layers = [
        Layer(
            testDescription: "the core decides only: no system, so that every test of it is exact",
            targets: [
                "CivilTime", "Scheduling", "RequestText", "CommandRequests", "RunModel", "Records",
                "JobCatalog", "Exposition",
                "Preflight", "Markup",
            ],
            imports: []),
        Layer(
            testDescription: "the engine has one library beside, for heaps and sets, which decides nothing",
            targets: ["RunEngine"], imports: ["BitCollections", "HeapModule"]),
        Layer(
            testDescription: "the reader of task files has one library: a strict XML parser",
            targets: ["TaskXML"], imports: ["CExpat"]),
        Layer(
            testDescription: "threads are the system's, and tasks run on them by the concurrency library",
            targets: ["BlockingThread"], imports: ["Glibc", "Synchronization", "CLinux", "_Concurrency"]),
        Layer(
            testDescription: "each edge sees the system and its own library",
            targets: [
                "Host", "ScheduleFiles", "SQLiteStore", "PostgresStore", "CurlTransport",
            ],
            imports: [
                "Glibc", "Synchronization", "CLinux", "CSQLite", "CLibpq", "CLibcurl",
            ]),
        Layer(
            testDescription: "the journal reads JSON", targets: ["Journal"],
            imports: ["FoundationEssentials", "Synchronization"]),
        Layer(
            testDescription: "the edge towards the service manager also makes the log",
            targets: ["Systemd"], imports: ["Glibc", "Synchronization", "CLibsystemd", "Logging"]),
        Layer(
            testDescription: "what listens sees nothing but sockets",
            targets: ["Listener"], imports: ["NIOCore", "NIOPosix"]),
        Layer(
            testDescription:
                "only the status server sees the HTTP server, which would not fit any other edge",
            targets: ["StatusServer"],
            imports: [
                "Glibc", "Hummingbird", "HummingbirdCore", "Logging", "NIOCore", "NIOPosix",
                "ServiceLifecycle", "Synchronization",
            ]),
        Layer(
            testDescription:
                """
                commands read JSON, know the levels of the log, and record what a signal ends; they know no service \
                and no server
                """,
            targets: ["Operations"],
            imports: ["FoundationEssentials", "Logging", "Synchronization", "UnixSignals"]),
        Layer(
            testDescription:
                "the API reads JSON, and counts whom it keeps waiting; it knows no connection and no clock",
            targets: ["API"], imports: ["FoundationEssentials", "Synchronization"]),
        Layer(
            testDescription: "pages are made of values: no clock, no store, no connection",
            targets: ["Pages"], imports: []),
        Layer(
            testDescription: "the site keeps who has signed in; it knows no connection and no clock",
            targets: ["Site"], imports: ["Synchronization"]),
        Layer(
            testDescription:
                "the service logs and follows signals; what waits for its workers is taken from a queue's head",
            targets: ["Daemon"],
            imports: ["DequeModule", "Logging", "ServiceLifecycle", "Synchronization", "UnixSignals"]),
        Layer(
            testDescription: "only the command line knows how arguments are parsed",
            targets: ["almanac"], imports: ["ArgumentParser"]),
        Layer(
            testDescription:
                "the stand-in shares nothing with what it tests, but how a connection is accepted",
            targets: ["StandInAPI", "standin-api"],
            imports: [
                "ArgumentParser", "Dispatch", "Glibc", "NIOCore", "NIOHTTP1", "NIOPosix", "Synchronization",
            ]),
        Layer(
            testDescription:
                "measurements read the clock, start the program, and ask a server or a store about itself",
            targets: ["Benchmarks"],
            imports: [
                "CLibpq", "CLinux", "CSQLite", "Glibc", "RandomInput", "SimulationKit", "Spawning",
                "Synchronization", "TaskFuzzing", "TestFiles",
            ]),
    ]

    @Test("a module imports what its layer may, and nothing else", arguments: layers)
    func imports(_ layer: Layer) {
        let own = Set(SourceTree.sources.map(\.target))
        for file in SourceTree.sources where layer.targets.contains(file.target) {
            for module in importedModules(file) where !layer.imports.contains(module) {
                #expect(own.contains(module), "\(file.path) imports \(module): \(layer.testDescription)")
            }
        }
    }

    @Test("every module belongs to one layer")
    func belonging() {
        let targets = Self.layers.flatMap(\.targets)
        #expect(Set(targets).count == targets.count)
        for target in Set(SourceTree.sources.map(\.target)).sorted() {
            #expect(
                targets.contains(target),
                "\(target): add it to a layer, and say why it may import what it does")
        }
    }

    @Test(
        "no module imports the whole Foundation, which would quadruple the program and bring other time zones"
    )
    func foundation() {
        for file in SourceTree.everySwiftFile {
            #expect(!importedModules(file).contains("Foundation"), "\(file.path)")
        }
    }

    private func importedModules(_ file: SourceFile) -> [String] {
        // An indented line may be of another language, in a text.
        file.lines.filter { !$0.hasPrefix(" ") }.compactMap { line in
            var words = line.split(separator: " ")[...]
            while let first = words.first,
                first.hasPrefix("@") || ["package", "public", "internal"].contains(first)
            { words.removeFirst() }
            guard words.popFirst() == "import", let name = words.last else { return nil }
            return String(name.split(separator: ".")[0])
        }
    }
}
