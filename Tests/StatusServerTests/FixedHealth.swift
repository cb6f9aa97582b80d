import RunEngine
import StatusServer

/// A source that always answers the same.
struct FixedHealth: HealthSource {
    var status = HealthStatus.pass
    var isStarted = true

    func health(_ page: HealthPage) -> HealthReport {
        HealthReport(
            version: "1", serviceID: "host", description: "test",
            checks: [HealthCheck(component: "scheduler", measurement: "lateness", status: status)])
    }

    func metrics(isScrape: Bool) -> [UInt8] { Array("almanac_health_status 0\n".utf8) }

    func isReady() -> Bool { isStarted }
}

/// An API that answers what it was asked.
struct EchoingAPI: Responder {
    func answer(_ request: WebRequest) async -> WebAnswer {
        WebAnswer(
            status: 200, contentType: "text/plain",
            body: "\(request.method) \(request.path) \(request.query.map { "\($0.name)=\($0.value)" }) "
                + String(decoding: request.body, as: UTF8.self))
    }
}
