import CivilTime
import JobCatalog
import TaskXML
import Testing

/// The text of a task file with these parts; it calls curl unless `arguments` says otherwise.
func taskText(
    triggers: String = daily(at: "2026-01-01T00:10:00Z"), settings: String = "", more: String = "",
    arguments: String = "-fsS https://api.example/x"
) -> String {
    """
    <Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
    <RegistrationInfo><URI>\\A\\purge</URI></RegistrationInfo>
    <Triggers>\(triggers)</Triggers>
    <Settings>\(settings)</Settings>\(more)
    <Actions><Exec><Command>curl</Command><Arguments>\(arguments)</Arguments></Exec></Actions>
    </Task>
    """
}

/// A daily trigger that begins at `boundary`.
func daily(at boundary: String) -> String {
    "<CalendarTrigger><StartBoundary>\(boundary)</StartBoundary><ScheduleByDay/></CalendarTrigger>"
}

/// The jobs of a task file.
func tasks(_ text: String, zone: String? = nil, zones: TestZones = TestZones()) -> TaskJobs {
    tasks(Array(text.utf8), zone: zone, zones: zones)
}

/// The jobs of a task file.
func tasks(_ bytes: [UInt8], zone: String? = nil, zones: TestZones = TestZones()) -> TaskJobs {
    TaskJobs(bytes, file: "a.xml", zones: zones, localZone: zone, now: testNow)
}

/// The only job of a task file without a problem.
func taskJob(_ text: String) throws -> Job {
    let read = tasks(text)
    #expect(read.diagnostics.filter { $0.severity >= .warning } == [])
    return try #require(read.jobs.first)
}
