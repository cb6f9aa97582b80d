import CLibcurl
import CivilTime
import RunModel

/// Puts what a probing connection found into steps.
struct ProbeReport {
    var findings: Findings
    /// The addresses that were tried, in order.
    var addresses: [String]
    /// Nil when libcurl does not say it.
    var connectTime: Duration?
    /// As `TLSv1.3`; nil when libcurl does not say it.
    var tlsVersion: String?
    /// `name:value` lines of the server's certificate.
    var certificateLines: [String]

    var probe: Probe {
        var steps: [Probe.Step] = []
        let last = findings.destination.isSecure ? Findings.Stage.securing : .connecting
        // Whatever failed, a probe that failed has a step that did.
        let reached = findings.code == CURLE_OK ? .ready : min(findings.stage, last)
        let failure: String =
            if case .notSent(_, let text) = findings.result { text } else { "the probe failed" }
        func add(_ kind: Probe.Step.Kind, until stage: Findings.Stage, _ detail: String) {
            // Steps behind the first that failed were not made.
            guard reached >= stage else { return }
            let isPassed = reached > stage
            steps.append(Probe.Step(kind, isPassed: isPassed, detail: isPassed ? detail : failure))
        }
        add(.dns, until: .resolving, addresses.joined(separator: ", "))
        add(.tcp, until: .connecting, "connected" + (connectTime.map { " in \(milliseconds($0)) ms" } ?? ""))
        if findings.destination.isSecure { add(.tls, until: .securing, tlsDetail) }
        return Probe(steps: steps, certificateEnds: certificateEnds)
    }

    private var tlsDetail: String {
        var parts = [tlsVersion ?? "TLS"]
        if let end = certificateValue("Expire date") { parts.append("certificate valid until \(end)") }
        if let subject = certificateValue("Subject") { parts.append("issued to \(subject)") }
        return parts.joined(separator: ", ")
    }

    private var certificateEnds: Instant? {
        // libcurl reads any of the forms in which TLS libraries write a date.
        guard let text = certificateValue("Expire date") else { return nil }
        let seconds = unsafe curl_getdate(text, nil)
        return seconds == -1 ? nil : Instant(seconds: Int64(seconds))
    }

    private func certificateValue(_ name: String) -> String? {
        certificateLines.first { $0.hasPrefix(name + ":") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// With one decimal, as 0.4.
    private func milliseconds(_ duration: Duration) -> String {
        let tenths = duration.wholeMicroseconds / 100
        return "\(tenths / 10).\(tenths % 10)"
    }
}
