import CivilTime
import Markup
import Operations
import Records
import RunEngine
import RunModel

/// The table that says why a run was made, and why it ended as it did.
extension RunPage {
    typealias Row = (String, HTML)

    func why(_ frame: Frame) -> [Row] {
        let times = frame.times
        var rows = decided
        rows.append(("trigger", HTML(trigger(frame))))
        rows.append(start(times))
        rows += definition(times)
        if let data = run.zoneData { rows.append(("zone data", HTML(data))) }
        guard let reasons else { return rows }
        rows.append(("meanwhile", meanwhile(reasons, times)))
        if let backfill = reasons.backfill, backfill.id != run.id {
            let madeGood = group {
                "by "
                link(backfill.address) { "run \(backfill.shortID)" }
                ", which "
                backfill.outcome?.phrase ?? "has not ended"
            }
            rows.append(("made good", madeGood))
        }
        return rows
    }

    /// What decided, and the rules that had a part in it.
    private var decided: [Row] {
        guard let reasons else {
            return run.reason.map { reason in [("reason", tag("code") { reason.rawValue })] } ?? []
        }
        var rows: [Row] = [("in short", HTML(reasons.summary))]
        rows += reasons.rules.map { rule in
            let said = group {
                tag("code") { rule.name }
                " "
                quoted(rule.sentence)
            }
            return ("rule", said)
        }
        if let local = reasons.local { rows.append(("local time", HTML(local))) }
        return rows
    }

    private func trigger(_ frame: Frame) -> String {
        switch run.trigger {
        case .schedule: "its schedule"
        case .catchUp: "its schedule; it was run late"
        case .manual:
            (run.backfillOf == nil ? "by hand" : "a backfill")
                + (frame.mayRead ? run.requestedBy.map { ", by " + $0 } ?? "" : "")
        }
    }

    private func start(_ times: Times) -> Row {
        let host = run.host.machine
        guard let started = run.startedAt else {
            return ("decided", HTML("\(times.text(Instant(seconds: run.createdAt.seconds))), on \(host)"))
        }
        let late = Waterfall.late(started - run.dueAt)
        return ("started", HTML("\(times.exact(started)) UTC, \(late), on \(host)"))
    }

    private func definition(_ times: Times) -> [Row] {
        let hash = tag("code") { String(run.configHash.prefix(12)) }
        guard let definition = reasons?.definition else { return [("definition", hash)] }
        let since = times.text(Instant(seconds: definition.since.seconds))
        let row: Row = ("definition", HTML("\(definition.words), in force since \(since) ") + hash)
        return [row] + (definition.zoneNote.map { [("zone", HTML($0))] } ?? [])
    }

    private func meanwhile(_ reasons: Reasons, _ times: Times) -> HTML {
        guard !reasons.events.isEmpty else {
            return HTML("no reload, clock change, pause or outage within ten minutes")
        }
        return tag("ul") {
            for event in reasons.events {
                tag("li") {
                    "\(times.clock(event.at)) on \(event.host.machine): "
                    quoted(event.detail)
                }
            }
        }
    }
}
