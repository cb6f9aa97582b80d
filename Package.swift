// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
/// For the targets that touch C: every unsafe expression is marked.
let edge: [SwiftSetting] = strict + [.strictMemorySafety()]

/// A core module: no I/O, no clock, no Foundation; it sees only the core modules named here.
func core(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
/// Ordered sets and heaps; the only library of the core.
let bitCollections = Target.Dependency.product(name: "BitCollections", package: "swift-collections")
let heapModule = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let dequeModule = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")

let package = Package(
    name: "almanac",
    products: [
        .executable(name: "almanac", targets: ["almanac"]),
        .executable(name: "standin-api", targets: ["standin-api"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The system's C libraries.
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CLibsystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),

        // The core: it decides, and does nothing else.
        core("CivilTime"),
        core("Scheduling", ["CivilTime"]),
        .target(
            name: "TaskXML",
            dependencies: ["CExpat", "CivilTime", "CommandRequests", "RequestText", "Scheduling"],
            swiftSettings: edge),
        core("RequestText"),
        core("CommandRequests", ["CivilTime", "RequestText"]),
        core("RunModel", ["CivilTime"]),
        core("Records", ["CivilTime", "RunModel"]),
        core(
            "JobCatalog",
            ["CivilTime", "CommandRequests", "RequestText", "RunModel", "Scheduling", "TaskXML"]),
        core(
            "RunEngine",
            [
                "CivilTime", "JobCatalog", "Records", "RequestText", "RunModel", "Scheduling", bitCollections,
                heapModule,
            ]),

        core("Exposition", ["CivilTime", "JobCatalog", "Records", "RunEngine", "RunModel", "Scheduling"]),

        core("Preflight", ["CivilTime", "JobCatalog", "Records", "RunModel"]),

        core("Markup", ["RunModel"]),

        // The edges: each implements a port of the core, and none sees another.
        .target(name: "BlockingThread", dependencies: ["CLinux"], swiftSettings: edge),
        .target(name: "Host", dependencies: ["BlockingThread", "CLinux", "CivilTime"], swiftSettings: edge),
        .target(
            name: "SQLiteStore",
            dependencies: ["BlockingThread", "CSQLite", "CivilTime", "Records", "RunModel"],
            resources: [.embedInCode("Migrations")], swiftSettings: edge),
        .target(
            name: "PostgresStore",
            dependencies: ["BlockingThread", "CLibpq", "CivilTime", "Records", "RunModel"],
            resources: [.embedInCode("Migrations")], swiftSettings: edge),
        .target(
            name: "Journal", dependencies: ["CivilTime", "Records", "RunEngine", "RunModel"],
            swiftSettings: edge),
        .target(
            name: "CurlTransport", dependencies: ["CLibcurl", "CivilTime", "RequestText", "RunModel"],
            swiftSettings: edge),
        .target(name: "Systemd", dependencies: ["CLibsystemd", logging], swiftSettings: edge),
        .target(name: "ScheduleFiles", dependencies: ["CivilTime", "JobCatalog"], swiftSettings: edge),
        .target(name: "Listener", dependencies: [nioCore, nioPosix], swiftSettings: strict),
        .target(
            name: "StatusServer",
            dependencies: [
                "CivilTime", "Listener", "RunEngine", "RunModel", hummingbird, hummingbirdCore, logging,
                nioCore, nioPosix, serviceLifecycle,
            ],
            swiftSettings: strict),

        // The composition: what each command does, and beside it the service.
        .target(
            name: "Operations",
            dependencies: [
                "CivilTime", "CommandRequests", "CurlTransport", "Exposition", "Host", "JobCatalog",
                "PostgresStore", "Preflight", "Records", "RequestText", "RunEngine", "RunModel",
                "SQLiteStore",
                "ScheduleFiles", "Scheduling", "Systemd", "TaskXML", logging,
                unixSignals,
            ],
            swiftSettings: edge),
        .target(
            name: "API",
            dependencies: [
                "CivilTime", "JobCatalog", "Operations", "Records", "RunEngine", "RunModel", "Scheduling",
                "StatusServer",
            ],
            resources: [.embedInCode("openapi.json")], swiftSettings: strict),
        // What people see: pages of values, and the site that asks for the values and acts.
        .target(
            name: "Pages",
            dependencies: [
                "CivilTime", "JobCatalog", "Markup", "Operations", "Preflight", "Records", "RequestText",
                "RunEngine", "RunModel", "Scheduling",
            ],
            resources: [.embedInCode("page.css"), .embedInCode("page.js")], swiftSettings: strict),
        .target(
            name: "Site",
            dependencies: [
                "API", "CivilTime", "JobCatalog", "Markup", "Operations", "Pages", "Preflight", "Records",
                "RunEngine",
                "RunModel", "Scheduling", "StatusServer",
            ],
            swiftSettings: strict),
        .target(
            name: "Daemon",
            dependencies: [
                "API", "CivilTime", "CurlTransport", "Exposition", "Host", "JobCatalog", "Journal",
                "Operations", "Pages", "Preflight", "Records", "RunEngine", "RunModel", "SQLiteStore",
                "ScheduleFiles", "Scheduling",
                "Site", "StatusServer", "Systemd",
                dequeModule, logging, serviceLifecycle, unixSignals,
            ],
            swiftSettings: edge),
        .executableTarget(
            name: "almanac",
            dependencies: [
                "BlockingThread", "CivilTime", "CommandRequests", "Daemon", "Host", "JobCatalog",
                "Operations",
                "Preflight",
                "Records", "RequestText", "RunEngine", "RunModel", "Scheduling", "Systemd", "TaskXML",
                argumentParser,
            ],
            swiftSettings: strict),

        // The stand-in for the co-hosted API, for the demo and the tests.
        .target(
            name: "StandInAPI", dependencies: ["Listener", nioCore, nioHTTP1, nioPosix], swiftSettings: strict
        ),
        .executableTarget(
            name: "standin-api", dependencies: ["StandInAPI", argumentParser], swiftSettings: strict),

        // The measurements: `make bench`.
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "CLibpq", "CLinux", "CSQLite", "CivilTime", "JobCatalog", "Markup", "Pages", "PostgresStore",
                "RandomInput", "Records", "RunEngine", "RunModel",
                "SQLiteStore", "Scheduling", "SimulationKit", "Spawning", "TaskFuzzing", "TestFiles",
            ],
            swiftSettings: strict),

        // Real daemons under faults: `make chaos`.
        .executableTarget(
            name: "chaos", dependencies: ["RandomInput", "Spawning", "StandInAPI", argumentParser],
            path: "Tests/Support/Chaos", swiftSettings: strict),

        // What the tests share.
        .target(name: "RandomInput", path: "Tests/Support/RandomInput", swiftSettings: strict),
        .target(
            name: "Spawning", dependencies: ["CLinux"], path: "Tests/Support/Spawning", swiftSettings: strict),
        .executableTarget(
            name: "passed-socket", dependencies: ["Systemd"], path: "Tests/Support/PassedSocket",
            swiftSettings: strict),
        .target(
            name: "RecordedLog", dependencies: [logging], path: "Tests/Support/RecordedLog",
            swiftSettings: strict),
        .target(
            name: "TestFiles", dependencies: ["CivilTime"], path: "Tests/Support/TestFiles",
            swiftSettings: strict),
        .target(
            name: "TaskFuzzing", dependencies: ["RandomInput", "TaskXML"], path: "Tests/Support/TaskFuzzing",
            swiftSettings: strict),
        .target(
            name: "RunStoreConformance", dependencies: ["CivilTime", "Records", "RunModel"],
            path: "Tests/Support/RunStoreConformance",
            swiftSettings: strict),
        .target(
            name: "SimulationKit",
            dependencies: [
                "RandomInput", "CivilTime", "JobCatalog", "RunEngine", "RunModel", "RunStoreConformance",
                "Records", "RequestText",
                "Scheduling",
            ],
            path: "Tests/Support/SimulationKit", swiftSettings: strict),

        tests("BlockingThread"),
        tests("CivilTime", ["RandomInput", "Spawning", "TestFiles"]),
        tests("Scheduling", ["CivilTime", "RandomInput", "TestFiles"]),
        tests(
            "TaskXML",
            [
                "RandomInput", "TaskFuzzing", "TestFiles", "CivilTime", "CommandRequests", "RequestText",
                "Scheduling",
            ],
            resources: [.copy("Fixtures")]),
        tests("RequestText"),
        tests("CommandRequests", ["RequestText"]),
        tests("RunModel", ["CivilTime", "RandomInput"]),
        tests("Records", ["CivilTime", "RunModel"]),
        tests(
            "JobCatalog",
            [
                "RandomInput", "TestFiles", "CivilTime", "CommandRequests", "RequestText", "RunModel",
                "Scheduling",
                "TaskXML",
            ]),
        tests(
            "Exposition",
            ["CivilTime", "JobCatalog", "RequestText", "RunEngine", "RunModel", "Scheduling", "TestFiles"]),
        .testTarget(
            name: "PreflightTests",
            dependencies: ["CivilTime", "JobCatalog", "Preflight", "Records", "RunModel", "TestFiles"],
            exclude: ["checklist-lines.txt"], swiftSettings: strict),
        tests(
            "RunEngine",
            [
                "RandomInput", "CivilTime", "JobCatalog", "Records", "RequestText", "RunModel", "Scheduling",
                "SimulationKit", "Spawning", "TestFiles",
            ]),
        tests("API", ["CivilTime", "RandomInput", "RunModel", "StatusServer"]),
        tests("Markup", ["RandomInput"]),
        tests(
            "Pages",
            [
                "CivilTime", "JobCatalog", "Markup", "Preflight", "Records", "RunEngine", "RunModel",
                "Scheduling", "Spawning", "TestFiles",
            ]),
        tests("Site", ["CivilTime", "RandomInput", "RunModel"]),
        tests("RunStoreConformance", ["CivilTime"]),
        tests(
            "SQLiteStore",
            [
                "BlockingThread", "CSQLite", "CivilTime", "Records", "RunModel", "RunStoreConformance",
                "TestFiles",
            ]),
        tests(
            "Journal",
            [
                "CivilTime", "RandomInput", "Records", "RunModel", "RunStoreConformance", "SQLiteStore",
                "TestFiles",
            ]),
        tests(
            "PostgresStore",
            [
                "BlockingThread", "CLibpq", "CivilTime", "JobCatalog", "RandomInput", "Records", "RunEngine",
                "RunModel", "RunStoreConformance", "Scheduling", "TestFiles",
            ]),
        tests("CurlTransport", ["CLibcurl", "CivilTime", "RunModel", "Spawning", "StandInAPI", "TestFiles"]),
        tests("ScheduleFiles", ["CivilTime", "JobCatalog", "TestFiles"]),
        tests("Host", ["TestFiles"]),
        tests("Systemd", ["RecordedLog", "Spawning", "TestFiles", "passed-socket", logging]),
        tests(
            "StatusServer",
            ["CivilTime", "RunEngine", "RunModel", logging, nioCore, nioPosix, serviceLifecycle]),
        tests(
            "Daemon",
            [
                "CivilTime", "CurlTransport", "JobCatalog", "PostgresStore", "Records", "RunEngine",
                "RunModel",
                "SQLiteStore", "Spawning", "StandInAPI", "RecordedLog", "TestFiles",
            ]),
        // The style of the source, as a test.
        .testTarget(
            name: "HouseTests", dependencies: ["Spawning", "TestFiles"], exclude: ["worn-phrases.txt"],
            swiftSettings: strict),
    ]
)

func tests(_ module: String, _ others: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: module + "Tests", dependencies: [.target(name: module)] + others, resources: resources,
        swiftSettings: strict)
}
