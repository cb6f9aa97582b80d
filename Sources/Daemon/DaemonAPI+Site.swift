import API
import CivilTime
import Host
import JobCatalog
import Journal
import Operations
import Pages
import Preflight
import Records
import RunEngine
import RunModel
import Scheduling
import Site
import StatusServer

/// The daemon as the pages ask it.
extension DaemonAPI: SiteSource {
    func listing(_ filter: JobsPage.Filter, now: Instant) -> ListedJobs {
        let groups: Set<JobLevels.Group> =
            switch filter.state {
            case .all: Set(JobLevels.Group.allCases)
            case .needsYou: [.failing, .warning]
            case .paused: [.paused]
            case .well: [.well]
            }
        let first = (filter.page - 1) * JobsPage.Filter.pageLength
        let (jobs, matching, worst, levels) = board.listing(
            groups, page: first..<first + JobsPage.Filter.pageLength, now: now
        ) { filter.text.isEmpty || $0.description.contains(filter.text) }
        let totals = JobsPage.Totals(
            jobs: levels.count, needYou: levels.failingCount + levels.warningCount - levels.pausedCount,
            paused: levels.pausedCount, running: board.read(\.running))
        return ListedJobs(needs: worst, totals: totals, jobs: jobs, matching: matching)
    }

    func report(now: Instant) -> HealthReport {
        refreshIfOld(now)
        return board.report(journaled?.status, page: .wrong, at: now)
    }

    /// What was done by hand or by another host is seen at the second look after it.
    private func refreshIfOld(_ now: Instant) {
        if let seenAt = board.read(\.storeSeenAt), now < seenAt || now - seenAt > .seconds(5) { refresh() }
    }

    func about(now: Instant) -> AboutService {
        let journal = journaled?.status
        return board.read { facts in
            let store = facts.storeKind == "postgres" ? "PostgreSQL" : "SQLite"
            let alive = facts.hosts.filter(\.isAlive)
            let catalogs = Set(alive.map(\.catalogHash))
            let hash = String(facts.catalog.hash.prefix(12))
            let waiting = journal?.backlog.count ?? 0
            var line: [String] = []
            switch alive.count {
            case 0...1: line.append("\(host.machine) alone")
            case 2...4: line.append(EnglishList.join(alive.map(\.host.machine)) + " are alive")
            default: line.append("\(alive.count) hosts are alive")
            }
            line.append(catalogs.count > 1 ? "\(catalogs.count) different catalogs" : "catalog \(hash)")
            line.append(store)
            if journal != nil {
                line.append(waiting == 0 ? "journal empty" : "\(waiting) operations in the journal")
            }
            if let data = facts.catalog.zoneData { line.append("zone data \(data)") }
            line.append("Almanac \(facts.version)")
            let outage = facts.journalProblem(journal)
            return AboutService(
                version: facts.version, summary: line.joined(separator: ", "),
                facts: [
                    ("host", facts.host.description), ("version", facts.version),
                    ("running since", "\(Instant(seconds: facts.startedAt.seconds))"), ("store", store),
                    (
                        "journal",
                        journal.map { _ in waiting == 0 ? "empty" : "\(waiting) operations wait for the store"
                        }
                            ?? "none: the store is this host's own"
                    ),
                    ("catalog", "\(EnglishList.count(facts.catalog.jobs.count, "job")), \(hash)"),
                    ("zone data", facts.catalog.zoneData ?? "not known"),
                    ("requests under way", String(facts.running)),
                    (
                        "next start",
                        facts.nextDue.map { "\(Instant(seconds: $0.seconds))" } ?? "none is planned"
                    ),
                ], pauseOfAll: facts.pauses.first { $0.scope == .all && $0.isInForce(at: now) },
                storeProblem: outage)
        }
    }

    func name(ofUser user: UInt32) -> String { ProcessInformation.userName(of: user) }

    func diagnostics(atMost limit: Int) -> (found: [Diagnostic], leftOut: Int) {
        let all = findings.value
        let errorsFirst = all.filter { $0.severity == .error } + all.filter { $0.severity != .error }
        return (Array(errorsFirst.prefix(limit)), max(all.count - limit, 0))
    }

    func jobs(atMost limit: Int) -> [Job] {
        board.read { facts in facts.catalog.indices(after: nil, atMost: limit).map { facts.catalog.jobs[$0] }
        }
    }

    // MARK: What takes a while

    /// An audit that is older is made again.
    private static let auditAge: Duration = .seconds(600)

    func audit(now: Instant) -> JobsPage.Audit {
        let (found, isUnderWay) = audits.last
        if !isUnderWay, found.map({ now < $0.at || now - $0.at > Self.auditAge }) ?? true { audits.start() }
        return found?.value ?? .underWay
    }

    func preflight() async -> (state: LaunchPage.Preflight, manualSteps: [String]) {
        let list: PreflightList
        do throws(CommandError) {
            list = try session(caller: "").checklist().list
        } catch {
            return (.absent(error.message), [])
        }
        let (found, isUnderWay) = checklists.last
        if isUnderWay { return (.underWay, list.steps) }
        if let found {
            switch found.value {
            case .success(let report):
                return (
                    .done(report, at: found.at, leftOut: list.checks.count - report.results.count), list.steps
                )
            case .failure(let error): return (.absent(error.message), list.steps)
            }
        }
        let signatures = try? await session(caller: "").query { (store) throws(StoreError) in
            try await store.signatures()
        }
        return (
            .open(list, signatures: Dictionary(signatures?.map { ($0.item, $0) } ?? []) { $1 }), list.steps
        )
    }

    func goThroughChecklist() { checklists.start() }
}

extension HealthFacts {
    /// Why the runs cannot be read; nil when they can, as far as that is known.
    fileprivate func journalProblem(_ journal: JournalStatus?) -> String? {
        if let journal, let since = journal.outageSince {
            return "the store has been away since \(since.rfc3339)"
                + (journal.outageError.map { ": \($0)" } ?? "")
        }
        if let failure = store.failure, failure.question == .read { return "\(failure.error)" }
        return nil
    }
}
