import CivilTime
import RunEngine
import RunModel
import Testing

@Suite struct HealthReportTests {
    @Test(
        "the worst check decides, and no check at all is a fail",
        arguments: [
            ([], HealthStatus.fail), ([.pass], .pass), ([.pass, .warn], .warn),
            ([.warn, .fail, .pass], .fail),
            ([.fail, .fail], .fail),
        ] as [([HealthStatus], HealthStatus)])
    func worst(statuses: [HealthStatus], expected: HealthStatus) {
        let checks = statuses.map { HealthCheck(component: "store", measurement: "connection", status: $0) }
        #expect(report(checks).status == expected)
    }

    @Test("the document has the draft's members, and checks of one name are one list")
    func document() {
        let time = Instant(seconds: 1_774_746_000)
        let checks = [
            HealthCheck(
                component: "job", measurement: "overdue", componentID: "purge", status: .fail,
                observedValue: 7200, observedUnit: "s", time: time, output: "purge is 2 h overdue",
                details: [.init("last_outcome", "failed")]),
            HealthCheck(
                component: "store", measurement: "connection", componentType: .datastore, status: .pass,
                output: "left out when it passes"),
            HealthCheck(
                component: "job", measurement: "overdue", componentID: "voice-refresh", status: .pass),
        ]
        #expect(
            report(checks).json.pretty == """
                {
                  "status": "fail",
                  "version": "1.2.3",
                  "serviceId": "host-a",
                  "description": "scheduled tasks",
                  "output": "purge is 2 h overdue",
                  "checks": {
                    "job:overdue": [
                      {
                        "componentId": "purge",
                        "componentType": "component",
                        "status": "fail",
                        "observedValue": 7200,
                        "observedUnit": "s",
                        "time": "2026-03-29T01:00:00Z",
                        "output": "purge is 2 h overdue",
                        "last_outcome": "failed"
                      },
                      {
                        "componentId": "voice-refresh",
                        "componentType": "component",
                        "status": "pass"
                      }
                    ],
                    "store:connection": [
                      {
                        "componentType": "datastore",
                        "status": "pass"
                      }
                    ]
                  }
                }
                """)
    }

    @Test("the output is that of the worst checks alone")
    func output() {
        let checks = [
            HealthCheck(component: "a", measurement: "x", status: .warn, output: "a warns"),
            HealthCheck(component: "b", measurement: "x", status: .fail, output: "b fails"),
            HealthCheck(component: "c", measurement: "x", status: .fail, output: "c fails"),
        ]
        #expect(report(checks).json.description.contains(#""output":"b fails; c fails","checks""#))
        #expect(!report([]).json.description.contains("output"))
    }

    private func report(_ checks: [HealthCheck]) -> HealthReport {
        HealthReport(version: "1.2.3", serviceID: "host-a", description: "scheduled tasks", checks: checks)
    }
}
