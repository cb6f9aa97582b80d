package import API
package import CivilTime
import JobCatalog
import Markup
import Operations
import Pages
import RunEngine
import RunModel
package import StatusServer

/// The pages for people; what is not one of them, the API answers.
package struct Site: Responder {
    let source: any SiteSource
    let acts: Acts
    let sessions = Sessions()
    let api: API
    private let now: @Sendable () -> Instant

    /// A site that asks `source`, in front of `api`.
    package init(_ source: any SiteSource, api: API, now: @escaping @Sendable () -> Instant) {
        self.source = source
        self.api = api
        self.now = now
        acts = Acts(source)
    }

    package func answer(_ request: WebRequest) async -> WebAnswer {
        let route = SiteRoute(request.path)
        // A person who mistyped an address gets a page; a program gets what programs read.
        guard route != nil || request.wantsPage else { return await api.answer(request) }
        var answer: WebAnswer
        do throws(Problem) {
            guard let route else { throw Problem(404, "unknown", "there is no page at this address") }
            answer = try await content(route, request)
        } catch {
            if error.code == "wrong-token" { await api.keepBack(request) }
            answer = problem(error, request)
        }
        answer.fields.append(.init("Date", now().httpDate))
        return answer
    }

    // MARK: Who asks

    /// A request whose sender is known.
    struct Asked {
        var request: WebRequest
        var right: Access.Right
        var now: Instant
        var visitor: Sessions.Visitor?
        /// Whose forms these are: the number of a session, or who needs none.
        var key: String?
        var times: Times
        /// Whether pages keep themselves up to date.
        var isLive: Bool

        var mayRead: Bool { right >= .read }
        var mayAct: Bool { right >= .write }
    }

    /// The name of the cookie of a session: of two daemons behind two ports of one machine each has its own.
    private var cookieName: String {
        var hash = StableHash()
        hash.combine(source.host.machine)
        return "almanac-" + hash.hexadecimal.prefix(8)
    }

    static let zoneCookie = "almanac-zone"
    static let updatesCookie = "almanac-updates"

    private func asked(_ request: WebRequest) throws(Problem) -> Asked {
        let (access, now) = (source.access, now())
        var right = try access.right(of: request)
        var (visitor, key): (Sessions.Visitor?, String?) = (nil, nil)
        if let number = request.cookie(cookieName), let found = sessions.visitor(number, now: now),
            let signedIn = access.right(of: found.token), signedIn >= right
        {
            (right, visitor, key) = (signedIn, found, number)
        } else if case .member(let user) = request.peer {
            key = "user \(user)"
        } else if right > .look {
            key = "token \(right)"
        }
        let zone = request.cookie(Self.zoneCookie).flatMap { name in
            // A zone that is gone since is as if none had been chosen.
            try? source.session(caller: "").zone(name)
        }
        return Asked(
            request: request, right: right, now: now, visitor: visitor, key: key,
            times: Times(zone: zone ?? .utc, now: now),
            isLive: request.cookie(Self.updatesCookie) != "no")
    }

    func frame(_ asked: Asked) -> Frame {
        let about = source.about(now: asked.now)
        return Frame(
            host: source.host.machine, version: about.version, times: asked.times,
            visitor: name(of: asked), isSignedIn: asked.visitor != nil,
            mayAct: asked.mayAct, mayRead: asked.mayRead, address: address(of: asked.request),
            isLive: asked.isLive, summary: about.summary)
    }

    /// Where a page is, so that somebody can come back to it.
    private func address(of request: WebRequest) -> Address {
        let path = request.path.reduce("") { $0 + "/" + $1.inQuery }
        let query = request.query.map { "\($0.name.inQuery)=\($0.value.inQuery)" }.joined(separator: "&")
        return Address(local: (path.isEmpty ? "/" : path) + (query.isEmpty ? "" : "?" + query))
            ?? Address("/")
    }

    // MARK: Routes

    private func content(_ route: SiteRoute, _ request: WebRequest) async throws(Problem) -> WebAnswer {
        let asked = try asked(request)
        let isForm = request.method == "POST" && route.isForm
        guard isForm || ["GET", "HEAD"].contains(request.method) else {
            var problem = Problem(405, "method", "this page is not for \(request.method)")
            problem.fields = [.init("Allow", route.isForm ? "GET, HEAD, POST" : "GET, HEAD")]
            throw problem
        }
        if isForm { try source.access.checkOrigin(request) }
        if route.needsWrite, !asked.mayAct { return signInFirst(asked) }
        switch route {
        case .jobs: return try await jobs(asked)
        case .runs: return try await runs(asked)
        case .run(let run): return try await self.run(run, asked)
        case .job(let job): return try await self.job(job, asked)
        case .status: return status(asked)
        case .calendar: return calendar(asked)
        case .launch: return try await launch(asked)
        case .checklist:
            return try isForm
                ? goThroughChecklist(asked) : page(ActionPage.checklist(once: once(asked)), asked)
        case .runNow(let job): return try await isForm ? runNow(job, asked) : askRun(job, asked)
        case .pause(let job): return try await isForm ? pause(job, asked) : askPause(job, asked)
        case .resume(let job): return try await isForm ? resume(job, asked) : askResume(job, asked)
        case .cancel(let run): return try await isForm ? cancel(run, asked) : askCancel(run, asked)
        case .signIn: return try await isForm ? signIn(asked) : askSignIn(asked)
        case .signOut: return try isForm ? signOut(asked) : askSignOut(asked)
        case .zone: return try isForm ? chooseZone(asked) : askZone(asked)
        case .updates: return isForm ? try toggleUpdates(asked) : redirect(to: Address("/"))
        }
    }

    // MARK: Answers

    /// A page that shows something: who has it already is told so.
    func page(_ page: Frame.Page, _ asked: Asked, status: Int = 200) -> WebAnswer {
        if status == 200, asked.request.field("if-none-match") == page.tag {
            return WebAnswer(status: 304, fields: Self.headers + [.init("ETag", page.tag)])
        }
        return WebAnswer(
            status: status, contentType: "text/html; charset=utf-8", bytes: page.bytes,
            fields: Self.headers + [.init("ETag", page.tag)])
    }

    /// A page on which somebody decides.
    func page(_ action: ActionPage, _ asked: Asked, status: Int = 200) -> WebAnswer {
        let page = action.page(frame(asked))
        return WebAnswer(
            status: status, contentType: "text/html; charset=utf-8", bytes: page.bytes, fields: Self.headers)
    }

    /// Another page, after something was done (RFC 9110, 15.4.4).
    func redirect(to address: Address, fields: [WebAnswer.Field] = []) -> WebAnswer {
        WebAnswer(status: 303, fields: Self.headers + [.init("Location", address.description)] + fields)
    }

    private static let headers: [WebAnswer.Field] = [
        .init("Content-Security-Policy", Style.policy), .init("X-Content-Type-Options", "nosniff"),
        .init("Referrer-Policy", "same-origin"), .init("X-Frame-Options", "DENY"), .init("Vary", "Cookie"),
    ]

    /// A problem as a page.
    private func problem(_ error: Problem, _ request: WebRequest) -> WebAnswer {
        // Who is refused for a name or an origin gets no page of ours around it.
        guard let asked = try? asked(request) else { return error.answer }
        // What is for programs helps no person.
        let hint = error.hint.flatMap {
            $0.contains("/v1/") || $0.contains("openapi") || $0.contains("{") ? nil : $0
        }
        var answer = page(
            ActionPage.problem(error.pageTitle, error.detail, hint: hint, back: nil), asked,
            status: error.status)
        answer.fields += error.fields.filter { $0.name != "WWW-Authenticate" }
        return answer
    }

    private func signInFirst(_ asked: Asked) -> WebAnswer {
        guard asked.right == .look else {
            return page(
                ActionPage.signIn(
                    back: address(of: asked.request), name: asked.visitor?.name ?? "",
                    problem: "STATUS_TOKEN only reads: this needs the job token."), asked, status: 403)
        }
        // What was to be sent is not sent after it: the page is opened again.
        return redirect(to: Address("/sign-in").with("back", address(of: asked.request).description))
    }

    /// The cookie of a session, or its end.
    func sessionCookie(_ number: String?) -> WebAnswer.Field {
        let age = number == nil ? 0 : Sessions.lifetime.components.seconds
        return .init(
            "Set-Cookie", "\(cookieName)=\(number ?? ""); Max-Age=\(age); Path=/; HttpOnly; SameSite=Strict")
    }

    func endSession(_ request: WebRequest) {
        if let number = request.cookie(cookieName) { sessions.end(number) }
    }

    // MARK: Forms

    /// A field that lets the form of this page be sent once.
    func once(_ asked: Asked) -> String {
        // What is not shown is not sent.
        guard asked.request.method != "HEAD" else { return "" }
        return sessions.ticket(
            for: asked.request.path.joined(separator: "/"), of: asked.key ?? "", now: asked.now)
    }

    /// The fields of a form that may be sent; it may not be again.
    func form(_ asked: Asked) throws(Problem) -> FormFields {
        var fields = try FormFields(asked.request)
        let page = asked.request.path.joined(separator: "/")
        guard let key = asked.key, let ticket = try fields.text("once"),
            sessions.spend(ticket, for: page, of: key)
        else {
            throw Problem(
                409, "sent", "this form was sent already, or is too old: nothing was done",
                hint: "open the page again and look at what is there before you repeat it")
        }
        return fields
    }

    /// Who does it, as it is recorded.
    func caller(_ asked: Asked) -> String {
        asked.request.peer.caller(name(of: asked), through: .page, on: source.host)
    }

    /// Who asks: as they said when they signed in, or, through the service's socket, the user.
    private func name(of asked: Asked) -> String? {
        if let visitor = asked.visitor { return visitor.name }
        guard case .member(let user) = asked.request.peer else { return nil }
        return source.name(ofUser: user)
    }

    func known(_ job: JobName, _ asked: Asked) throws(Problem) -> JobStatus {
        guard let status = source.job(job, now: asked.now) else {
            throw Self.unknown(job)
        }
        return status
    }

    static func unknown(_ job: JobName) -> Problem {
        Problem(404, "unknown", "no job is called “\(job)” in the schedule files of this host")
    }
}

extension WebRequest {
    /// Whether a browser shows the answer to a person, and no program of ours or others' reads it.
    fileprivate var wantsPage: Bool {
        ["GET", "HEAD"].contains(method) && path.first != "v1" && path.first != "openapi.json"
            && field("accept")?.hasPrefix("text/html") ?? false
    }
}

extension Problem {
    /// What happened, as the heading of a page.
    fileprivate var pageTitle: String {
        switch code {
        case "paused": "It is paused"
        case "overlap": "A run is under way"
        case "ended": "The run has ended"
        case "elsewhere": "Another host makes this run"
        case "sent": "Sent already"
        case "schedule-only": "It runs by its schedule alone"
        default: Problem.title(status)
        }
    }
}
