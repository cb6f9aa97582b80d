import RunModel
import TaskXML

extension Job {
    /// Whether a secret stands in clear text in its request, rather than as a reference to the configuration.
    var holdsClearSecret: Bool { withoutClearSecrets.request != request }

    /// The job with `***` for each secret that stands in its request.
    var withoutClearSecrets: Job {
        var job = self
        job.request.url = Self.template(ClearSecrets(in: request.url).shown)
        job.request.body = request.body.map { Self.template(ClearSecrets(in: $0).shown) }
        for (index, header) in request.headers.enumerated() {
            let taskHeader = TaskRequest.Header(
                name: header.name, value: header.value, isSecret: SecretName.holds(header.name))
            job.request.headers[index].value = Self.template(taskHeader.shown)
        }
        return job
    }

    private static func template(_ shown: String) -> TemplateText {
        // What is shown of a template is one, as a mask never cuts a reference; otherwise nothing of it is shown.
        TemplateText(parsing: shown) ?? TemplateText(literal: "***")
    }
}
