import TaskXML
import Testing

@Suite("every diagnostic says what, where, why and what to do")
struct DiagnosticTextTests {
    static let disabled =
        "<TimeTrigger><StartBoundary>2026-01-01T00:10:00Z</StartBoundary><Enabled>false</Enabled></TimeTrigger>"
    static let noMonth = "<ScheduleByMonth><DaysOfMonth><Day>1</Day></DaysOfMonth></ScheduleByMonth>"

    static func action(_ arguments: String, of program: String = "curl") -> String {
        Fixtures.task(
            actions: "<Exec><Command>\(program)</Command><Arguments>\(arguments)</Arguments></Exec>")
    }

    /// A file for each kind of diagnostic, and all that is said about it.
    static let table: [(file: String, text: [String])] = [
        (
            Fixtures.task() + "<!-- x -->",
            [
                "6:8: note: a comment stands after the task; XML allows it, some programs do not [trailing-comment]"
            ]
        ),
        (
            action("-sS https://a/x"),
            [
                "5:25: note: curl without -f reports success whatever the API answers; here an HTTP error fails the run [status-not-checked] hint: write -fsS, so that Windows notices as well"
            ]
        ),
        (
            "<?xml version='1.0' encoding='UTF-16'?>" + Fixtures.task(),
            [
                "1:31: repair: the file says that it is \"UTF-16\", and its bytes are ASCII; the bytes count [encoding-label]"
            ]
        ),
        (
            " <?xml version='1.0'?>" + Fixtures.task(),
            [
                "1:2: repair: an XML declaration stands elsewhere than at the beginning; left out [extra-declaration]"
            ]
        ),
        (
            "<Task>" + Fixtures.task().drop { $0 != ">" }.dropFirst(),
            [
                "1:1: repair: <Task> is in no namespace; read as a task [missing-namespace] hint: Task Scheduler wants xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\""
            ]
        ),
        (
            Fixtures.task(registration: "<Author><ADMIN_USER_UUID></Author>"),
            [
                "2:27: repair: <ADMIN_USER_UUID> between raw angle brackets is not XML; read as a placeholder [raw-placeholder] hint: write {{ADMIN_USER_UUID}}"
            ]
        ),
        (
            action("-f -H X-A:$env:A_B https://a/x"),
            [
                "5:60: repair: $env:A_B is PowerShell's way to name a variable, and no PowerShell reads this: Windows sends these 8 characters; read as a reference to A_B [literal-env-token] hint: write %A_B%, or keep the header in a file (curl -H @FILE)"
            ]
        ),
        (
            action("-f https://{{API_BASE_URL}}/x"),
            [
                "5:53: repair: https:// stands before a value that is a whole URL already; left out [doubled-scheme] hint: begin the URL with the placeholder"
            ]
        ),
        (
            action("-f -X post https://a/x"),
            [
                "5:56: repair: curl sends the method as it is written, post, and servers tell capitals from small letters; read as POST [lower-case-method] hint: write -X POST"
            ]
        ),
        (
            action("-f\nhttps://a/x"),
            [
                "5:52: repair: the arguments go over several lines, and a line end parts no words for Windows; read as a blank [wrapped-arguments] hint: write them in one line"
            ]
        ),
        (
            action("-f -H Connection:close https://a/x"),
            [
                "5:56: repair: Almanac sets the header Connection itself; left out [reserved-header] hint: leave it out"
            ]
        ),
        (
            action("-f -d 'x' https://a/x"),
            [
                "5:56: warning: single quotes are plain characters to Windows, and hold nothing together [single-quotes] hint: write double quotes"
            ]
        ),
        (
            action("-f https://a/$(Arg0)"),
            [
                "5:63: error: $(Arg0) is filled in by Task Scheduler when a person or an event starts the task, and by nobody here [task-variable] hint: write the value"
            ]
        ),
        (
            Fixtures.task(triggers: TriggerTests.calendar("<ScheduleByDay/>").replacing("Z<", with: "<")),
            [
                "3:43: warning: <StartBoundary> has neither Z nor an offset, so that it is the local time of whichever machine runs it [local-boundary] hint: add Z for UTC, or say which zone is meant"
            ]
        ),
        (
            Fixtures.task(triggers: Fixtures.dailyTrigger + "<LogonTrigger/>"),
            [
                "3:113: warning: <LogonTrigger> starts nothing here: nobody logs on to the daemon [refused-trigger]"
            ]
        ),
        (
            Fixtures.task(triggers: Fixtures.dailyTrigger + disabled),
            [
                "3:113: note: <TimeTrigger> is disabled in the file [disabled-trigger]"
            ]
        ),
        (
            Fixtures.task(triggers: ""),
            [
                "3:1: warning: no trigger of the task starts it; it can only be run by hand [no-trigger]"
            ]
        ),
        (
            Fixtures.task(triggers: TriggerTests.calendar(noMonth)),
            [
                "3:79: warning: <ScheduleByMonth> names no month, for which Task Scheduler gives no meaning; read as all months [empty-set] hint: name the months"
            ]
        ),
        (
            Fixtures.task(settings: "<ExecutionTimeLimit>P1M</ExecutionTimeLimit>"),
            [
                "4:31: warning: <ExecutionTimeLimit> counts in months or years, which differ in length; each month is taken for 30 days [calendar-duration] hint: write days, as in P30D"
            ]
        ),
        (
            Fixtures.task(settings: "<Colour/>"),
            [
                "4:11: warning: <Colour> is not known in <Settings>; it is left out [unknown-element] hint: Task Scheduler refuses such a file with 0x80041316 or 0x80041317"
            ]
        ),
        (
            Fixtures.task(settings: "<WakeToRun>true</WakeToRun>"),
            [
                "4:11: warning: <WakeToRun> is not done: the daemon cannot wake a machine; a missed start follows StartWhenAvailable [refused-element]"
            ]
        ),
        (
            action("-f -H X-Job-Token:abc https://a/x"),
            [
                "5:56: warning: the value of the header X-Job-Token stands in clear text [secret-in-clear] hint: keep it in the configuration, and write %NAME% here"
            ]
        ),
        (
            Fixtures.task(settings: "<DeleteExpiredTaskAfter>P1D</DeleteExpiredTaskAfter>"),
            [
                "4:11: warning: <DeleteExpiredTaskAfter> has no effect: no trigger has an <EndBoundary> [expiry-without-end] hint: Task Scheduler refuses such a file with 0x80041319"
            ]
        ),
        (
            "<\u{7f}",
            [
                "1:2: error: the file holds the control character DELETE [undecodable] hint: remove it"
            ]
        ),
        (
            "<Task>",
            [
                "1:7: error: the file is not well-formed XML: no element found [malformed-xml] hint: the file ends too early: copy it again"
            ]
        ),
        (
            "<!DOCTYPE Task><Task/>",
            [
                "1:1: error: the file has a document type declaration (DTD) [document-type] hint: remove the <!DOCTYPE …> part: a task file needs none, and entities are a way to attack a reader"
            ]
        ),
        (
            HostileInputTests.many("<a>", 33),
            [
                "1:97: error: elements are nested more than 32 deep [limit]"
            ]
        ),
        (
            "<job/>",
            [
                "1:1: error: the root element is <job>, not <Task> [wrong-root] hint: only files of Windows Task Scheduler are read"
            ]
        ),
        (
            Fixtures.task().replacing("http:", with: "urn:"),
            [
                "1:1: error: <Task> is in the namespace \"urn://schemas.microsoft.com/windows/2004…\" [wrong-namespace] hint: a task file has xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\""
            ]
        ),
        (
            Fixtures.task(actions: ""),
            [
                "5:1: error: <Actions> is empty [missing-element]"
            ]
        ),
        (
            Fixtures.task(settings: "<Hidden>true</Hidden><Hidden>true</Hidden>"),
            [
                "4:32: error: <Hidden> stands twice in <Settings> [duplicate-element] hint: keep one of the two"
            ]
        ),
        (
            Fixtures.task(settings: "<Enabled>TRUE</Enabled>"),
            [
                "4:20: error: <Enabled> is \"TRUE\", neither true nor false [invalid-value] hint: Task Scheduler takes lower case only"
            ]
        ),
        (
            Fixtures.task(settings: "<ExecutionTimeLimit>10m</ExecutionTimeLimit>"),
            [
                "4:31: error: <ExecutionTimeLimit> is \"10m\", not a duration such as PT10M or P1DT2H [invalid-value]"
            ]
        ),
        (
            Fixtures.task(triggers: TriggerTests.calendar("<ScheduleByWeek/>")),
            [
                "3:11: error: <CalendarTrigger> is never due: the trigger names no day of the week [invalid-value] hint: name at least one, as <DaysOfWeek><Monday /></DaysOfWeek>"
            ]
        ),
        (
            action("-f {{NO_VALUE}}/x"),
            [
                "5:53: error: the placeholder NO_VALUE has no value [missing-placeholder] hint: set NO_VALUE in the environment of the daemon, or write the value into the file"
            ]
        ),
        (
            action("/c x", of: "cmd.exe"),
            [
                "5:25: error: the program \"cmd.exe\" is not run: no process is started for a task [refused-action] hint: only curl, and PowerShell's Invoke-RestMethod and Invoke-WebRequest, become requests"
            ]
        ),
        (
            Fixtures.task(actions: "<ComHandler/>"),
            [
                "5:10: error: the action <ComHandler> is not done: a COM class of Windows cannot be called [refused-action] hint: only an <Exec> that calls an HTTP URL becomes a job"
            ]
        ),
        (
            action("-File x.ps1", of: "powershell"),
            [
                "5:56: error: this PowerShell is not read: a script file is not run [refused-action] hint: only one call of Invoke-RestMethod or Invoke-WebRequest becomes a request"
            ]
        ),
        (
            action("-fL https://a/x"),
            [
                "5:50: error: curl's -L is refused: a redirect is never followed, so that no secret goes to another host [refused-option] hint: leave it out"
            ]
        ),
        (
            action("-f a/x"),
            [
                "5:53: error: the URL does not begin with https:// or http:// [invalid-command] hint: write the whole URL, or {{API_BASE_URL}} and a path"
            ]
        ),
    ]

    @Test("the texts are these", arguments: table.indices)
    func texts(_ index: Int) {
        let row = Self.table[index]
        let said = Fixtures.read(row.file).allDiagnostics.map { diagnostic in
            diagnostic.description + (diagnostic.hint.map { " hint: \($0)" } ?? "")
        }
        #expect(said == row.text)
    }

    @Test("there is a text for every kind")
    func complete() {
        let text = Self.table.flatMap(\.text).joined()
        let missing = TaskDiagnostic.Code.allCases.filter { !text.contains("[\($0.rawValue)]") }
        // These need bytes, and have tests of their own.
        #expect(missing == [.codePage, .tooLarge])
    }
}
