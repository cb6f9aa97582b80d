import RandomInput
import TaskXML

/// Feeds mutated task files to the reader.
package enum TaskXMLFuzz {
    /// What came of it.
    package struct Report: Sendable, Equatable {
        package var inputs = 0
        /// Inputs that were read without an error.
        package var usable = 0
        /// Inputs that were refused with a reason.
        package var refused = 0
        /// Inputs for which the reader broke a promise, by their number, at most ten.
        package var broken: [Int] = []
    }

    /// Reads `count` files made from seeds by `seed`; a failing input is found again by its number and seed.
    package static func run(count: Int, seed: UInt64) -> Report {
        var random = SeededRandom(state: seed)
        var report = Report()
        for number in 0..<count {
            let input = mutated(&random)
            let file = TaskFile.read(input) { name in name.hasSuffix("URL") ? "https://api.example" : "value"
            }
            report.inputs += 1
            if file.isUsable { report.usable += 1 } else { report.refused += 1 }
            if !keepsPromises(file), report.broken.count < 10 { report.broken.append(number) }
        }
        return report
    }

    /// The input with a number of the run with `seed`, to look at one that failed.
    package static func input(number: Int, seed: UInt64) -> [UInt8] {
        var random = SeededRandom(state: seed)
        for _ in 0..<number { _ = mutated(&random) }
        return mutated(&random)
    }

    /// A file either works, or an error says why not, at a place that exists; each element has one verdict.
    private static func keepsPromises(_ file: TaskFile) -> Bool {
        let diagnostics = file.allDiagnostics
        let hasError = diagnostics.contains { $0.severity == .error }
        let arePlaced = diagnostics.allSatisfy { $0.position.line > 0 && $0.position.column > 0 }
        let areWhole = file.isUsable == file.tasks.allSatisfy(\.isUsable) || hasError
        let areJudgedOnce = file.tasks.allSatisfy { task in
            Set(task.verdicts.map(\.path)).count == task.verdicts.count
        }
        return arePlaced && areWhole && areJudgedOnce && file.isUsable != hasError
            && diagnostics.count <= TaskLimits.diagnosticsMax * 4
    }

    private static func mutated(_ random: inout SeededRandom) -> [UInt8] {
        var bytes = Array(seeds[random.below(seeds.count)].utf8)
        for _ in 0..<random.below(6) {
            mutate(&bytes, &random)
        }
        switch random.below(8) {
        case 0: return [0xff, 0xfe] + bytes.flatMap { [$0, 0] }
        case 1: return bytes.flatMap { [0, $0] }
        case 2: return Array(bytes.prefix(random.below(bytes.count + 1)))
        default: return bytes
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        guard !bytes.isEmpty else { return }
        let place = random.below(bytes.count)
        switch random.below(5) {
        case 0: bytes[place] ^= 1 << UInt8(random.below(8))
        case 1: bytes[place] = UInt8(random.below(256))
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(20)))
        case 3: bytes.insert(contentsOf: words[random.below(words.count)].utf8, at: place)
        default:
            let piece = bytes[place..<min(bytes.count, place + random.below(80))]
            bytes.insert(contentsOf: Array(piece), at: random.below(bytes.count))
        }
    }

    /// Pieces that matter to one stage of the reader or another.
    private static let words = [
        "<", ">", "&", "\"", "'", "\\", "]]>", "<![CDATA[", "<!--", "-->",
        "<?xml version='1.0' encoding='UTF-8'?>",
        "<!DOCTYPE a>", "&#0;", "&#x41;", "&amp;", "&lol;", "<API_BASE_URL>", "{{X_Y}}", "${JOB_TOKEN}",
        "__A_B__",
        "%JOB_TOKEN%", "$env:JOB_TOKEN", "\u{0}", "\u{7f}", "é", "🕰", "\r", "\n", "-X", "-H", "@{", "}", "(",
        ")", "`",
        "P1M", "PT0S", "-1", "99999999999999999999", "2026-13-45T99:99:99", "Last", "<Task>", "</Task>",
        "<Settings>",
        "<Exec/>", "true", "xmlns=''", " ", "+02:00", "https://", "@C:\\job-token.header", ";", "|",
        "$(Arg0)", "[1-3]", "token=", "\"pwd\": ", "-d", "-u",
    ]

    private static let seeds = [
        """
        <?xml version="1.0" encoding="UTF-16"?>
        <Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><!-- at 00:10 UTC -->
        <Triggers><CalendarTrigger><StartBoundary>2026-01-01T00:10:00</StartBoundary><Enabled>true</Enabled>
        <ScheduleByMonth><DaysOfMonth><Day>1</Day><Day>Last</Day></DaysOfMonth><Months><January/></Months>
        </ScheduleByMonth></CalendarTrigger></Triggers>
        <Settings><ExecutionTimeLimit>PT10M</ExecutionTimeLimit><Priority>7</Priority></Settings>
        <Actions Context="Author"><Exec><Command>curl</Command><Arguments>-X POST "https://<API_BASE_URL>/x"
        -H "X-Job-Token: $env:JOB_TOKEN" -H "X-User-ID: <ADMIN_USER_UUID>"</Arguments></Exec></Actions></Task>
        <!-- end -->
        """,
        """
        <Tasks><Task xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><RegistrationInfo>
        <URI>\\A\\b</URI></RegistrationInfo><Triggers><TimeTrigger>
        <StartBoundary>2026-01-01T00:10:00+02:00</StartBoundary>
        <Repetition><Interval>PT5M</Interval><Duration>P1D</Duration></Repetition></TimeTrigger><BootTrigger/>
        <CalendarTrigger><StartBoundary>2026-01-01T00:10:00Z</StartBoundary><ScheduleByMonthDayOfWeek><Weeks>
        <Week>2</Week></Weeks><DaysOfWeek><Friday/></DaysOfWeek><Months><May/></Months>
        </ScheduleByMonthDayOfWeek>
        </CalendarTrigger></Triggers><Actions><Exec><Command>powershell.exe</Command>
        <Arguments>-NoProfile -Command
        "Invoke-RestMethod -Uri '{{API_BASE_URL}}/x' -Method Post -Headers @{'X-Job-Token'=$env:JOB_TOKEN;
        A=('b'+'c')} | Out-Null"</Arguments></Exec></Actions></Task></Tasks>
        """,
    ]
}
