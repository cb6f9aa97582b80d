/// What every world must keep, whatever goes wrong in it. `PlantedBugTests` shows for each that a world can break it.
package enum Promise: String, CaseIterable, Sendable {
    // At every moment.

    /// Nothing is claimed or decided before it is due, by what the host's clock has shown.
    case notEarly = "not early"
    /// A host decides nothing again of which the store has told it that it is decided.
    case notAgain = "not again"
    /// Nothing begins after the host was asked to stop.
    case nothingAfterStop = "nothing after stop"
    /// A host that is asked to stop does so in time.
    case stopsInTime = "stops in time"
    /// A run is always to start at the same instant, within the delay that its job allows.
    case steadyStart = "steady start"
    /// Only what the policy allows is made up for.
    case catchUpAllowed = "catch-up allowed"
    /// No definition decides what was due before it came into force, or after it went out of force.
    case ownDefinition = "own definition"
    /// What a host remembers is bounded.
    case boundedMemory = "bounded memory"
    /// What goes to the store at once is bounded.
    case boundedRows = "bounded rows"
    /// A host has no more requests under way than slots.
    case slotsKept = "slots kept"
    /// A host does not spin.
    case rests = "rests"
    /// No request goes out whose attempt its sender has not recorded.
    case recordedFirst = "recorded first"
    /// An attempt is sent once, and no other of its run beside it.
    case sentOnce = "sent once"
    /// There are no more attempts than the job allows; of a run by hand there is one.
    case attemptsBounded = "attempts bounded"
    /// No run starts after its latest useful start.
    case deadlineKept = "deadline kept"
    /// No two requests of a job are under way, unless it allows that.
    case noOverlap = "no overlap"
    /// Nothing is granted while the job is paused, but what somebody forces.
    case pauseHolds = "pause holds"
    /// What somebody forces is not held back by a pause.
    case forceHeeded = "force heeded"
    /// A run by hand that is refused leaves no row.
    case refusalLeavesNothing = "refusal leaves nothing"
    /// A run by hand is sent by its command alone.
    case commandAlone = "command alone"
    /// No host takes over a run that it holds.
    case heldKept = "held kept"
    /// A run that has its outcome never changes.
    case endIsFinal = "end is final"
    /// Pruning takes only what has ended.
    case livePruned = "live never pruned"
    /// No host takes over what another has that is there, and did not lose the store alone.
    case aliveKept = "alive kept"
    /// With `auto` nothing begins without the store on a host that shares it with another.
    case companyHeeded = "company heeded"

    // At the end.

    /// Each row that fell due has its outcome.
    case everythingEnds = "everything ends"
    /// Each row that did not succeed says why.
    case hasReason = "has reason"
    /// No row is for an instant when nothing was due.
    case isDue = "is due"
    /// A row of several says how many.
    case countsRight = "counts right"
    /// Each occurrence has a row.
    case noneLost = "none lost"
    /// No occurrence has two rows, also when the first was pruned.
    case oneRow = "one row"
    /// What the store says is in force is what the host runs that put it there.
    case forceKnown = "force known"
    /// Every outage ends, and nothing of it is left in a journal.
    case outageEnds = "outage ends"
    /// What a host was told is recorded is in the store, or it told that it is not.
    case toldIsKept = "told is kept"
    /// Only what another host had a part in is kept from the store.
    case asideShared = "aside shared"
    /// No watermark passes an occurrence that has no row.
    case watermarkBehind = "watermark behind"
}

/// A promise that was broken, and how.
package struct Violation: Sendable {
    package let promise: Promise
    package let text: String
}
