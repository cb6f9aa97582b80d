import StandInAPI
import Testing

/// An input that is wrong, and what is said about it.
struct BadInput: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var file = "jobs.cron"
    var text = "10 0 * * *  purge: POST /api/cron/purge_old as=admin\n"
    var environment: [String: String] = [:]
    var command = ["check"]
    var status: Int32
    /// Parts of what is printed, in this order.
    var says: [String]
}

@Suite("bad input")
struct BadInputTests {
    static let files = [
        BadInput(
            testDescription: "an unknown option",
            text: "\n10 0 * * *  purge: POST /x as=admin acept=200\n", status: 65,
            says: ["jobs.cron:2:37: error: ", "acept", "\n", "^~~", "hint: ", "accept"]),
        BadInput(
            testDescription: "hour 24", text: "30 24 * * *  purge: POST /x as=admin\n", status: 65,
            says: ["jobs.cron:1:4: error: ", "24", "^~", "hint: ", "midnight is hour 0"]),
        BadInput(
            testDescription: "a job that is defined twice",
            text: "1 0 * * *  purge: POST /x as=admin\n2 0 * * *  purge: POST /x as=admin\n", status: 65,
            says: ["jobs.cron:2:12: error: ", "“purge” is defined twice", "hint: ", "jobs.cron:1"]),
        BadInput(
            testDescription: "a secret in a URL", text: "10 0 * * *  purge: POST ${NOWHERE}/x\n", status: 65,
            says: ["jobs.cron:1:25: error: ", "NOWHERE", "^~~~", "hint: "]),
        BadInput(
            testDescription: "a day that never comes", text: "0 0 30 2 *  purge: POST /x as=admin\n",
            status: 65, says: ["jobs.cron:1:", ": error: ", "hint: "]),
        BadInput(
            testDescription: "a task file that ends early", file: "purge.xml",
            text: """
                <?xml version="1.0" encoding="UTF-8"?>
                <Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
                  <Triggers>
                """, status: 65, says: ["purge.xml:", ": error: ", "hint: "]),
    ]

    private static func origins(_ name: String, _ text: String, _ message: String, _ hint: String) -> BadInput
    {
        BadInput(
            testDescription: "ALMANAC_VALUE_ORIGINS with \(name)",
            environment: ["ALMANAC_VALUE_ORIGINS": text],
            command: ["daemon"], status: 78,
            says: ["error: ALMANAC_VALUE_ORIGINS: " + message, "hint: " + hint])
    }

    static let valueOrigins = [
        origins(
            "no name", "https://h.example", "entry 1 does not say which",
            "write it like VOICE_KEY="),
        origins(
            "a bad name", "${A}=https://h.example", "entry 1 does not begin with the name of a value",
            "write the name as in"),
        origins("a setting", "DB_DSN=https://h.example", "DB_DSN is not for requests", "remove it"),
        origins(
            "the job token", "JOB_TOKEN=https://h.example", "the job token goes only to the API",
            "remove JOB_TOKEN"),
        origins(
            "plain http", "A_KEY=http://h.example", "http:// would send A_KEY in clear text", "use https://"),
        origins(
            "a path", "A_KEY=https://h.example:443/x", "A_KEY: an origin has no path",
            "write A_KEY=https://h.example"),
        origins(
            "no origin", "A_KEY=h.example,B=https://h.example", "A_KEY: the URL must begin with",
            "write it like"),
    ]

    static let values =
        [
            BadInput(
                testDescription: "a reference without a value",
                text: "10 0 * * *  purge: POST /x header=\"X-Key: ${NOWHERE}\"\n",
                command: ["run-now", "purge"],
                status: 78,
                says: ["error: NOWHERE: it has no value", "hint: set NOWHERE"]),
            BadInput(
                testDescription: "a token of 8 characters", environment: ["JOB_TOKEN": "abcd1234"],
                command: ["run-now", "purge"], status: 78,
                says: ["error: JOB_TOKEN: it has 8 characters", "hint: ", "openssl rand -hex 32"]),
            BadInput(
                testDescription: "a token that is a placeholder", environment: ["JOB_TOKEN": "<JOB_TOKEN>"],
                command: ["daemon"], status: 78,
                says: ["error: JOB_TOKEN: it is still a placeholder", "hint: ", "openssl rand -hex 32"]),
            BadInput(
                testDescription: "an age that is not a duration", environment: ["ALMANAC_KEEP_RUNS": "long"],
                command: ["daemon"], status: 78,
                says: ["error: ALMANAC_KEEP_RUNS: “long” is not a duration", "hint: "]),
            BadInput(
                testDescription: "an age of less than a day", environment: ["ALMANAC_KEEP_EXCERPTS": "12h"],
                command: ["daemon"], status: 78,
                says: ["error: ALMANAC_KEEP_EXCERPTS: it is shorter than a day", "hint: write it like 400d"]),
            BadInput(
                testDescription: "attempts that are kept longer than their runs",
                environment: ["ALMANAC_KEEP_RUNS": "60d", "ALMANAC_KEEP_ATTEMPTS": "61d"],
                command: ["daemon"],
                status: 78,
                says: [
                    "error: ALMANAC_KEEP_ATTEMPTS: it is longer than runs are kept, which is 60d",
                    "hint: they go with their run",
                ]),
            BadInput(
                testDescription: "runs that are forgotten before a job has caught up on them",
                text: "10 0 * * *  purge: POST /x catch-up=latest catch-up-window=60d\n",
                environment: ["ALMANAC_KEEP_RUNS": "60d"], command: ["daemon"], status: 78,
                says: [
                    "error: ALMANAC_KEEP_RUNS: runs are kept for 60d, and purge catches up on what it missed in 60d",
                    "jobs.cron:1", "hint: keep runs for 61d or longer",
                ]),
            BadInput(
                testDescription: "pruning less often than every day",
                environment: ["ALMANAC_PRUNE_EVERY": "2d"], command: ["check"], status: 78,
                says: ["error: ALMANAC_PRUNE_EVERY: records are pruned every 1s to 1d", "hint: "]),
            BadInput(
                testDescription: "plain http to another host",
                environment: ["API_BASE_URL": "http://api.example.org"], command: ["daemon"], status: 78,
                says: ["error: API_BASE_URL: ", "hint: ", "https"]),
        ] + valueOrigins + [
            BadInput(
                testDescription: "a store that is not reachable",
                environment: ["DB_DSN": "postgresql://127.0.0.1:1/almanac"], command: ["history"], status: 78,
                says: ["error: store: ", "hint: "]),
            BadInput(
                testDescription: "a store that is not reachable, for the daemon",
                environment: ["DB_DSN": "postgresql://127.0.0.1:1/almanac"], command: ["daemon"], status: 78,
                says: ["error: store: ", "hint: "]),
            BadInput(
                testDescription: "an address that cannot be listened on",
                environment: ["ALMANAC_LISTEN": "127.0.0.1:notaport"], command: ["daemon"], status: 78,
                says: ["error: ALMANAC_LISTEN: ", "hint: "]),
            BadInput(
                testDescription: "a log level that is none", environment: ["ALMANAC_LOG_LEVEL": "loud"],
                command: ["check"], status: 78, says: ["error: ALMANAC_LOG_LEVEL: ", "hint: ", "debug"]),
            BadInput(
                testDescription: "a lease that would run out under a host that is only busy",
                environment: ["ALMANAC_LEASE": "2s"], command: ["check"], status: 78,
                says: ["error: ALMANAC_LEASE: a lease lasts 3s to 1h", "hint: ", "60s"]),
            BadInput(
                testDescription: "a job that is not there", command: ["run-now", "purgee"], status: 65,
                says: ["error: no job is called “purgee”", "hint: did you mean purge?"]),
            BadInput(
                testDescription: "a time that ends before it begins",
                command: ["audit", "--from", "2026-11-24T00:00:00Z", "--until", "2026-11-23T00:00:00Z"],
                status: 64,
                says: ["error: --from 2026-11-24T00:00:00Z is not before --until", "hint: "]),
            BadInput(
                testDescription: "jobs by name, and all of them",
                command: ["windows", "render", "--all", "--output", "x", "purge"], status: 64,
                says: ["name jobs, or --all, not both"]),
            BadInput(
                testDescription: "a task file that is not there",
                command: ["windows", "inspect", "none.xml"],
                status: 65, says: ["none.xml: cannot be read: ", "hint: is the path right"]),
            BadInput(
                testDescription: "no directory of schedule files", environment: ["ALMANAC_SCHEDULES": ":"],
                command: ["jobs"], status: 78, says: ["error: ALMANAC_SCHEDULES: ", "hint: "]),
            BadInput(
                testDescription: "an option that is not there", command: ["history", "--limmit", "3"],
                status: 64, says: ["--limmit", "--limit"]),
            BadInput(
                testDescription: "a command that is not there", command: ["histori"], status: 64,
                says: ["histori"]),
            BadInput(
                testDescription: "a zone that is not there",
                command: ["next", "10 0 * * *", "--time-zone", "Europe/Berlni"], status: 64,
                says: ["error: ", "Europe/Berlni", "hint: ", "Europe/Berlin"]),
            BadInput(
                testDescription: "an expression with a fault", command: ["next", "30 24 * * *"], status: 65,
                says: ["30 24 * * *", "^~", "hint: ", "midnight is hour 0"]),
        ]

    @Test(
        "bad input ends with its status, and says where it is wrong and what to do", arguments: files + values
    )
    func refusal(_ given: BadInput) async throws {
        try await withBench { bench in
            try bench.write(given.text, to: given.file)
            var arguments = given.command
            if arguments == ["check"] { arguments.append(bench.schedules) }
            let result = try await bench.run(arguments, given.environment)
            #expect(result.status == given.status, "\(result.output)\(result.errors)")
            var rest = result.errors[...]
            for part in given.says {
                let found = try #require(rest.firstRange(of: part), "“\(part)” is not in: \(result.errors)")
                rest = rest[found.upperBound...]
            }
            #expect(bench.api.requests().isEmpty)
        }
    }

    @Test("a daemon does not start with a faulty file", arguments: files)
    func refusedStart(_ given: BadInput) async throws {
        try await withBench { bench in
            try bench.write(given.text, to: given.file)
            let result = try await bench.almanac("daemon")
            #expect(result.status == 65, "\(result.errors)")
            #expect(result.errors.contains(given.says[0]))
        }
    }
}
