import API
import CivilTime
import JobCatalog
import Markup
import Operations
import Pages
import RunEngine
import RunModel
import Scheduling
import StatusServer

/// The pages on which somebody decides, and what then happens. Each form is sent once.
extension Site {
    // MARK: Run now

    func askRun(_ job: JobName, _ asked: Asked) throws(Problem) -> WebAnswer {
        let status = try known(job, asked)
        return page(ActionPage.run(job, pause: status.pause, once: once(asked), asked.times), asked)
    }

    func runNow(_ name: JobName, _ asked: Asked) async throws(Problem) -> WebAnswer {
        let job = try known(name, asked).job
        var form = try form(asked)
        let isForced = try form.text("force") == "yes"
        switch try form.text("step") {
        case "rehearse":
            let rehearsal = try await acts.rehearse(job, isForced: isForced, by: caller(asked))
            return page(ActionPage.rehearsed(rehearsal, isForced: isForced, once: once(asked)), asked)
        case "run":
            let run = try await acts.run(job, isForced: isForced, key: nil, by: caller(asked))
            return redirect(to: Address("/runs", run.id.description))
        default: throw Self.noStep
        }
    }

    // MARK: Pauses

    func askPause(_ job: JobName?, _ asked: Asked) throws(Problem) -> WebAnswer {
        if let job { _ = try known(job, asked) }
        return pauseForm(job, ActionPage.PauseWords(), problem: nil, asked)
    }

    private func pauseForm(
        _ job: JobName?, _ words: ActionPage.PauseWords, problem: String?, _ asked: Asked
    ) -> WebAnswer {
        page(
            ActionPage.pause(job, words, problem: problem, once: once(asked), zone: asked.times.zone.name),
            asked,
            status: problem == nil ? 200 : 400)
    }

    func pause(_ job: JobName?, _ asked: Asked) async throws(Problem) -> WebAnswer {
        let status = try job.map { job throws(Problem) in try known(job, asked) }
        var form = try form(asked)
        var words = ActionPage.PauseWords()
        words.reason = try form.text("reason", lengthMax: Acts.reasonMax) ?? ""
        words.end = try form.text("end") ?? "never"
        words.until = try form.text("until", lengthMax: 64) ?? ""
        guard !words.reason.isEmpty else {
            return pauseForm(job, words, problem: "The reason is missing. Say why it is paused.", asked)
        }
        let end: Instant?
        do throws(CommandError) {
            end = try self.end(words, asked)
        } catch {
            return pauseForm(job, words, problem: error.message + (error.hint.map { "; " + $0 } ?? ""), asked)
        }
        switch try form.text("step") {
        case "ask":
            let held = heldBack(status, until: end, asked.now)
            return page(
                ActionPage.confirmPause(
                    job, words, until: end, skipped: Array(held.prefix(3)), isMore: held.count > 3,
                    once: once(asked), asked.times), asked)
        case "do":
            _ = try await acts.pause(job, at: asked.now, until: end, reason: words.reason, by: caller(asked))
            return redirect(to: job.map { Address("/jobs", $0.description) } ?? Address("/"))
        default: throw Self.noStep
        }
    }

    private func end(_ words: ActionPage.PauseWords, _ asked: Asked) throws(CommandError) -> Instant? {
        let session = source.session(caller: "")
        // What was written counts, whatever is chosen above it. A duration is one to come.
        if !words.until.isEmpty {
            if (try? DurationText.parse(words.until)) != nil {
                return try session.pauseEnd(
                    until: nil, for: (words.until, "Or until"), in: asked.times.zone, after: asked.now)
            }
            return try session.pauseEnd(
                until: (words.until, "Or until"), for: nil, in: asked.times.zone, after: asked.now)
        }
        if words.end == "never" { return nil }
        return try session.pauseEnd(
            until: nil, for: (words.end, "Until"), in: asked.times.zone, after: asked.now)
    }

    /// The first occurrences that a pause of the job holds back.
    private func heldBack(_ status: JobStatus?, until end: Instant?, _ now: Instant) -> [Instant] {
        guard let job = status?.job, job.isEnabled, let schedule = job.schedule else { return [] }
        let last = end.map { $0 - .microseconds(1) } ?? .latest
        return schedule.occurrences(after: now, through: last, limit: 4).map(\.instant)
    }

    func askResume(_ job: JobName?, _ asked: Asked) async throws(Problem) -> WebAnswer {
        if let job { _ = try known(job, asked) }
        let session = source.session(caller: "")
        let pauses = try await Problem.of { () async throws(CommandError) in try await session.pauses() }
        let pause = pauses.first { $0.scope == (job.map { .job($0) } ?? .all) }
        return page(
            ActionPage.resume(job, pause: pause, once: once(asked), mayRead: asked.mayRead, asked.times),
            asked)
    }

    func resume(_ job: JobName?, _ asked: Asked) async throws(Problem) -> WebAnswer {
        _ = try form(asked)
        _ = try await acts.resume(job, by: caller(asked))
        return redirect(to: job.map { Address("/jobs", $0.description) } ?? Address("/"))
    }

    // MARK: Cancel

    func askCancel(_ id: RunID, _ asked: Asked) async throws(Problem) -> WebAnswer {
        let run = try await acts.recorded(id).0
        guard run.state != .finished, run.host == source.host else {
            return redirect(to: Address("/runs", id.description))
        }
        return page(ActionPage.cancel(run, once: once(asked), asked.times), asked)
    }

    func cancel(_ id: RunID, _ asked: Asked) async throws(Problem) -> WebAnswer {
        _ = try form(asked)
        _ = try await acts.cancel(id, by: caller(asked))
        return redirect(to: Address("/runs", id.description))
    }

    // MARK: The checklist

    func goThroughChecklist(_ asked: Asked) throws(Problem) -> WebAnswer {
        guard asked.mayAct else {
            throw Problem(403, "forbidden", "the checks are made for those who may act")
        }
        _ = try form(asked)
        source.goThroughChecklist()
        return redirect(to: Address("/launch"))
    }

    // MARK: Signing in

    func askSignIn(_ asked: Asked) throws(Problem) -> WebAnswer {
        var query = Query(asked.request)
        let back = try query.text("back").flatMap { Address(local: $0) } ?? Address("/")
        return page(ActionPage.signIn(back: back, name: asked.visitor?.name ?? "", problem: nil), asked)
    }

    func signIn(_ asked: Asked) async throws(Problem) -> WebAnswer {
        var form = try FormFields(asked.request)
        let back = try form.text("back").flatMap { Address(local: $0) } ?? Address("/")
        let name = try form.text("name", lengthMax: Acts.nameMax) ?? ""
        guard name.contains(where: { $0.isLetter || $0.isNumber }) else {
            return page(
                ActionPage.signIn(
                    back: back, name: "", problem: "Your name is missing: it is recorded with what you do."),
                asked, status: 400)
        }
        guard let token = try form.text("token"), source.access.right(of: token) != nil else {
            await api.keepBack(asked.request)
            return page(
                ActionPage.signIn(back: back, name: name, problem: "This token is not valid here."),
                asked,
                status: 401)
        }
        endSession(asked.request)
        let number = sessions.begin(.init(name: name, token: token), now: asked.now)
        return redirect(to: back, fields: [sessionCookie(number)])
    }

    func askSignOut(_ asked: Asked) throws(Problem) -> WebAnswer {
        var query = Query(asked.request)
        let back = try query.text("back").flatMap { Address(local: $0) } ?? Address("/")
        guard asked.visitor != nil else { return redirect(to: back) }
        return page(ActionPage.signOut(back: back, once: once(asked)), asked)
    }

    func signOut(_ asked: Asked) throws(Problem) -> WebAnswer {
        var form = try form(asked)
        let back = try form.text("back").flatMap { Address(local: $0) } ?? Address("/")
        endSession(asked.request)
        return redirect(to: back, fields: [sessionCookie(nil)])
    }

    // MARK: What somebody likes

    func askZone(_ asked: Asked) throws(Problem) -> WebAnswer {
        var query = Query(asked.request)
        let back = try query.text("back").flatMap { Address(local: $0) } ?? Address("/")
        return zoneForm(asked.times.zone.name, back, problem: nil, asked)
    }

    private func zoneForm(_ chosen: String, _ back: Address, problem: String?, _ asked: Asked) -> WebAnswer {
        page(
            ActionPage.zone(chosen, suggested: zonesOfJobs, back: back, problem: problem), asked,
            status: problem == nil ? 200 : 400)
    }

    /// The zones of the first jobs, and UTC.
    private var zonesOfJobs: [String] {
        var zones = ["UTC"]
        for job in source.jobs(atMost: 1000) {
            if let zone = job.schedule?.zone.name, !zones.contains(zone), zones.count < 8 {
                zones.append(zone)
            }
        }
        return zones.count > 1 ? zones : zones + ["Europe/Berlin", "Asia/Dubai", "America/New_York"]
    }

    func chooseZone(_ asked: Asked) throws(Problem) -> WebAnswer {
        var form = try FormFields(asked.request)
        let back = try form.text("back").flatMap { Address(local: $0) } ?? Address("/")
        let name = try form.text("zone", lengthMax: 64) ?? "UTC"
        do throws(CommandError) {
            let zone = try source.session(caller: "").zone(name)
            return redirect(to: back, fields: [Self.choice(Self.zoneCookie, zone.name)])
        } catch {
            return zoneForm(
                name, back, problem: error.message + (error.hint.map { "; " + $0 } ?? ""), asked)
        }
    }

    func toggleUpdates(_ asked: Asked) throws(Problem) -> WebAnswer {
        var form = try FormFields(asked.request)
        let back = try form.text("back").flatMap { Address(local: $0) } ?? Address("/")
        return redirect(to: back, fields: [Self.choice(Self.updatesCookie, asked.isLive ? "no" : "yes")])
    }

    /// What the browser keeps for a year.
    private static func choice(_ cookie: String, _ value: String) -> WebAnswer.Field {
        .init("Set-Cookie", "\(cookie)=\(value); Max-Age=31536000; Path=/; HttpOnly; SameSite=Strict")
    }

    private static let noStep = Problem(
        400, "invalid", "the form has no such step", hint: "open the page again")
}
