/// What becomes of one element or attribute of a task file.
package struct TaskVerdict: Sendable, Equatable {
    /// How far something of the file has an effect here.
    package enum Ruling: String, Sendable, CaseIterable {
        /// It means here what it means to Task Scheduler.
        case honoured
        /// Something here takes its place.
        case translated
        /// It has no meaning here, and leaving it out changes no run.
        case ignored
        /// It is not done here; the note says why.
        case refused
    }

    /// Where in the document: `/Task/Triggers/CalendarTrigger[2]/StartBoundary`, or `/Task/@version`.
    package var path: String
    /// The element's own; its children have verdicts of their own.
    package var ruling: Ruling
    /// What takes its place, or why it is ignored or refused; empty when there is nothing to say.
    package var note: String
    /// Where its start tag begins in the file.
    package var position: TaskPosition

    package init(path: String, ruling: Ruling, note: String = "", position: TaskPosition) {
        self.path = path
        self.ruling = ruling
        self.note = note
        self.position = position
    }
}
