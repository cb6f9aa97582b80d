import TaskXML
import TestFiles

/// The files that the tests read.
enum Fixtures {
    /// The values that the templates' placeholders have in the tests.
    static let placeholders = [
        "API_BASE_URL": "https://api.example",
        "ADMIN_USER_UUID": "11111111-2222-4333-8444-555555555555",
        "SUPERADMIN_USER_UUID": "66666666-7777-4888-8999-aaaaaaaaaaaa",
    ]

    /// Our own template `name`, from the folder of the package that operators get.
    static func template(_ name: String) throws -> [UInt8] {
        try bytes(ofFile: folder + "/../../windows-tasks/" + name)
    }

    /// A file in the form found in the field.
    static func field(_ name: String) throws -> [UInt8] {
        try bytes(ofFile: folder + "/Fixtures/" + name)
    }

    static func read(_ bytes: [UInt8]) -> TaskFile {
        TaskFile.read(bytes) { placeholders[$0] }
    }

    static func read(_ text: String) -> TaskFile {
        read(Array(text.utf8))
    }

    static let dailyTrigger =
        "<CalendarTrigger><StartBoundary>2026-01-01T00:10:00Z</StartBoundary><ScheduleByDay/></CalendarTrigger>"

    /// A task with the given parts, and `curl -fsS https://api.example/x` for its action unless `actions`
    /// says otherwise.
    static func task(
        triggers: String = Fixtures.dailyTrigger, settings: String = "", registration: String = "",
        actions: String =
            "<Exec><Command>curl</Command><Arguments>-fsS https://api.example/x</Arguments></Exec>"
    ) -> String {
        """
        <Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
        <RegistrationInfo>\(registration)</RegistrationInfo>
        <Triggers>\(triggers)</Triggers>
        <Settings>\(settings)</Settings>
        <Actions>\(actions)</Actions>
        </Task>
        """
    }

    /// The file of a task whose action calls `program` with `arguments`, which are escaped here.
    static func action(_ program: String, _ arguments: String) -> TaskFile {
        read(
            task(
                actions:
                    "<Exec><Command>\(escape(program))</Command><Arguments>\(escape(arguments))</Arguments></Exec>"
            ))
    }

    static func escape(_ text: String) -> String {
        text.map { ["&": "&amp;", "<": "&lt;", ">": "&gt;"][$0] ?? String($0) }.joined()
    }

    /// The folder of this file, as the compiler saw it.
    private static let folder = String(
        #filePath.prefix(upTo: #filePath.lastIndex(of: "/") ?? #filePath.endIndex))
}
