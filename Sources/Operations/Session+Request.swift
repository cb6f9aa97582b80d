package import JobCatalog
import RunEngine
package import RunModel

extension Session {
    /// The request of a run's first attempt as the job's definition makes it with the values of now, one line each, secrets
    /// masked; nil when it cannot be made.
    package func shownRequest(of run: RunRecord, _ job: Job) -> [String]? {
        var problems: [Configuration.Problem] = []
        let values = configuration.values(for: [job], problems: &problems)
        guard problems.isEmpty,
            let request = try? RequestBuilder.request(
                for: job, run: run.id, scheduledFor: run.occurrenceInstant, attempt: 1,
                userAgent: Program.userAgent, rules: configuration.valueRules, value: { values[$0] })
        else { return nil }
        return request.shown(SecretMask(values: values, request: request))
    }
}

extension HTTPRequest {
    /// The request as it would be sent, one line each, secrets masked.
    func shown(_ mask: SecretMask) -> [String] {
        var lines = ["\(method) \(mask.masked(url))"]
        lines += headers.map { "\($0.name): \($0.isSecret ? SecretMask.mark : mask.masked($0.value))" }
        if let body { lines += ["", mask.masked(String(decoding: body, as: UTF8.self))] }
        return lines
    }
}
