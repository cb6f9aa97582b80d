import CivilTime
import CommandRequests
import RequestText
import Scheduling
import TaskXML
import Testing

@Suite("the two templates, clean and as found in the field")
struct TemplateTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var field: String
        var clean: String
        var name: String
        var minute: Int
        var hour: Int
        var recurrence: TaskTrigger.Recurrence
        var url: String
        var user: String
        var limit: Duration
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            field: "field_purge_daily.xml", clean: "cron_purge_daily.xml", name: "purge", minute: 10, hour: 0,
            recurrence: .daily(interval: 1), url: "https://api.example/api/cron/purge_old",
            user: "ADMIN_USER_UUID",
            limit: .seconds(600)),
        Case(
            field: "field_voice_monthly.xml", clean: "cron_voice_monthly.xml", name: "voice-refresh",
            minute: 0, hour: 1,
            recurrence: .monthly(days: [1], lastDay: false, months: NumberSet(1...12)),
            url: "https://api.example/api/cron/voice/refresh", user: "SUPERADMIN_USER_UUID",
            limit: .seconds(900)),
    ]

    @Test("our own templates are read without a repair", arguments: cases)
    func cleanTemplate(_ example: Case) throws {
        let file = try Fixtures.read(Fixtures.template(example.clean))
        #expect(file.allDiagnostics.map(\.description) == [])
        #expect(file.isUsable)
        let task = try #require(file.tasks.first)
        #expect(task.name == example.name)
        #expect(!task.needsZone)
        let start = try #require(
            CivilDateTime(
                CivilDate(uncheckedYear: 2025, month: 1, day: 1), hour: example.hour, minute: example.minute))
        #expect(task.clockTriggers.first?.start == .fixed(start, offset: 0))
        #expect(task.request?.failsOnStatus == true)
        try check(task, example)
    }

    @Test("the form of the field is read with exactly its faults named", arguments: cases)
    func fieldForm(_ example: Case) throws {
        let file = try Fixtures.read(Fixtures.field(example.field))
        #expect(
            file.allDiagnostics.map(\.code) == [
                .encodingLabel, .localBoundary, .statusNotChecked, .doubledScheme, .rawPlaceholder,
                .literalEnvironmentToken, .rawPlaceholder, .trailingComment,
            ])
        #expect(file.isUsable)
        let task = try #require(file.tasks.first)
        #expect(task.needsZone)
        #expect(task.utcClaim != nil)
        #expect(task.request?.failsOnStatus == false)
        try check(task, example)
    }

    private func check(_ task: TaskDefinition, _ example: Case) throws {
        let trigger = try #require(task.clockTriggers.first)
        #expect(task.triggers.count == 1)
        #expect(trigger.recurrence == example.recurrence)
        #expect(trigger.start.local.hour == example.hour && trigger.start.local.minute == example.minute)
        #expect(task.settings.multipleInstances == .ignoreNew)
        #expect(task.settings.executionTimeLimit == example.limit)
        #expect(task.settings.startWhenAvailable == (example.name == "purge"))
        let request = try #require(task.request)
        #expect(request.method == "POST")
        #expect(request.url.literal == example.url)
        #expect(
            request.headers == [
                .init(name: "X-Job-Token", value: TemplateText([.reference("JOB_TOKEN")]), isSecret: true),
                .init(
                    name: "X-User-ID",
                    value: TemplateText(literal: Fixtures.placeholders[example.user] ?? ""),
                    isSecret: false),
            ])
        #expect(task.verdicts.count > 25)
    }

    @Test("every diagnostic of the field's form stands at its place")
    func places() throws {
        let file = try Fixtures.read(Fixtures.field("field_purge_daily.xml"))
        #expect(
            file.allDiagnostics.map { "\($0.position) \($0.code.rawValue)" } == [
                "1:31 encoding-label", "10:22 local-boundary", "35:16 status-not-checked",
                "36:31 doubled-scheme",
                "36:39 raw-placeholder", "36:91 literal-env-token", "36:122 raw-placeholder",
                "40:1 trailing-comment",
            ])
    }

    @Test("entities, CDATA sections and line ends change no place")
    func placesBehindEntities() {
        let texts = [
            "-f\r\n -H &quot;X-Job-Token: $env:JOB_TOKEN&quot; https://a/x",
            "<![CDATA[-f]]>\n<![CDATA[ -H X-Job-Token:]]>$env:JOB_TOKEN https://a/x",
        ]
        for (text, column) in zip(texts, [24, 29]) {
            let file = Fixtures.read(
                Fixtures.task(
                    actions: "<Exec><Command>curl</Command><Arguments>\(text)</Arguments></Exec>"))
            #expect(file.allDiagnostics.map(\.code) == [.wrappedArguments, .literalEnvironmentToken])
            #expect(file.allDiagnostics.last?.position == TaskPosition(line: 6, column: column))
        }
    }

    @Test("a file cut off at any byte is refused whole, in either encoding", arguments: cases, [false, true])
    func truncation(_ example: Case, _ isWide: Bool) throws {
        for text in try [Fixtures.template(example.clean)] + (isWide ? [] : [Fixtures.field(example.field)]) {
            let bytes = isWide ? [0xff, 0xfe] + text.flatMap { [$0, 0] } : text
            let width = isWide ? 2 : 1
            // Only what follows the root may be missing.
            let end = String(decoding: text, as: UTF8.self).firstRange(of: "</Task>").map {
                String(decoding: text, as: UTF8.self).utf8.distance(from: "".startIndex, to: $0.upperBound)
            }
            let whole = (end ?? 0) * width + (isWide ? 2 : 0)
            #expect(whole > 500)
            for count in 0..<bytes.count {
                let file = Fixtures.read(Array(bytes[..<count]))
                let isWhole = count >= whole && (count - whole).isMultiple(of: width)
                if file.tasks.isEmpty {
                    let error = file.diagnostics.first { $0.severity == .error }
                    #expect(error?.message.isEmpty == false && error.map { $0.position.line > 0 } == true)
                } else if !isWhole || !file.isUsable {
                    Issue.record("\(count) bytes of \(bytes.count) were read in part")
                }
            }
        }
    }
}
