import CommandRequests
import RequestText

extension Job {
    /// Whether a secret stands in clear text in its request, rather than as a reference to the configuration.
    var holdsClearSecret: Bool { shownRequest != request }

    /// The job with `***` for each secret that stands in its request.
    var withoutClearSecrets: Job {
        let shown = shownRequest
        guard shown != request else { return self }
        var job = self
        job.request = shown
        return job
    }

    /// Its request with `***` for each secret that stands in it.
    package var shownRequest: RequestTemplate {
        let request = request
        return RequestTemplate(
            method: request.method, url: request.url.withoutClearSecrets, headers: sharedHeaders.shown,
            body: request.body?.withoutClearSecrets)
    }
}

extension RequestTemplate.Header {
    /// The header with `***` for the secret that stands in it.
    var withoutClearSecret: RequestTemplate.Header {
        let header = CommandRequest.Header(name: name, value: value, isSecret: SecretName.holds(name))
        return RequestTemplate.Header(name, .shown(header.shown))
    }
}

extension TemplateText {
    fileprivate var withoutClearSecrets: TemplateText {
        let secrets = ClearSecrets(in: self)
        return secrets.names.isEmpty ? self : .shown(secrets.shown)
    }

    /// What is shown of a template is one, as a mask never cuts a reference; otherwise nothing of it is shown.
    fileprivate static func shown(_ text: String) -> TemplateText {
        TemplateText(parsing: text) ?? TemplateText(literal: "***")
    }
}
