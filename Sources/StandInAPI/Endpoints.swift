import Glibc

/// What the API answers, when it behaves: the two job endpoints with their checks, in the order in which the
/// API makes them, and what is asked before a launch.
struct Endpoints {
    var settings: StandInSettings

    func answer(to request: ReceivedRequest, in deployment: StandInDeployment) -> Answer {
        let rules = CrossOriginRules(rule: deployment.crossOrigin, listed: settings.webOrigin)
        if let answer = rules.answerToPreflight(request) { return answer }
        let launch = LaunchEndpoints(settings: settings, deployment: deployment)
        var answer = launch.answer(to: request) ?? self.answer(to: request)
        answer.headers += rules.headers(for: request)
        return answer
    }

    private func answer(to request: ReceivedRequest) -> Answer {
        switch request.path {
        case "/api/cron/purge_old": forPost(request) { purge($0) }
        case "/api/cron/voice/refresh": forPost(request) { refreshVoice($0) }
        default: .detail(404, "Not Found")
        }
    }

    private func forPost(_ request: ReceivedRequest, _ answer: (ReceivedRequest) -> Answer) -> Answer {
        guard request.method == "POST" else {
            var refusal = Answer.detail(405, "Method Not Allowed")
            refusal.headers.append(("Allow", "POST"))
            return refusal
        }
        guard request.header("X-Job-Token") == settings.token else {
            return .detail(401, "Invalid job token")
        }
        return answer(request)
    }

    private func purge(_ request: ReceivedRequest) -> Answer {
        guard let role = settings.role(of: request) else { return .detail(401, "Unknown user") }
        guard role == .admin || role == .superadmin else { return .detail(403, "Admin role required") }
        if settings.isPurgeWithoutContent { return Answer(status: 204) }
        return .json(
            200,
            JSON.object([
                ("purged_count", "3"), ("retention_days", "\(retentionDays)"),
                ("cutoff_date", JSON.string(date(daysAgo: retentionDays))),
            ]))
    }

    private func refreshVoice(_ request: ReceivedRequest) -> Answer {
        guard let role = settings.role(of: request) else { return .detail(401, "Unknown user") }
        guard role == .superadmin else { return .detail(403, "Superadmin role required") }
        guard settings.isVoiceProviderConfigured else { return .detail(503, "Voice refresh is disabled") }
        return .json(200, JSON.object([("refreshed", "12")]))
    }

    /// A UTC date as `2026-03-01T00:10:00Z`.
    private func date(daysAgo days: Int) -> String {
        var seconds = time(nil) - days * 86_400
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// How long the API keeps what the purge removes.
private let retentionDays = 50
