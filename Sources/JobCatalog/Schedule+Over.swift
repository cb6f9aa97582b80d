import CivilTime
import Scheduling

extension Schedule {
    /// The end of a sentence that says that a schedule is over: what was last.
    static func lastWords(_ last: Occurrence?) -> String {
        last.map { ": its last occurrence was at \($0.instant.rfc3339)" }
            ?? ": its triggers have ended"
    }
}
