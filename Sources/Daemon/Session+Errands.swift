import CivilTime
import Host
import Operations
import Pages
import Preflight

extension Session {
    /// How far back the audit of the first page goes.
    private static let auditSpan: Duration = .seconds(86_400)
    /// An audit that takes longer is for the command line.
    private static let auditLimit: Duration = .seconds(20)

    /// Whether each occurrence of the last day has its row.
    func auditOfDay() async -> JobsPage.Audit {
        let now = Clocks.now()
        return await withTaskGroup(of: JobsPage.Audit.self) { group in
            group.addTask {
                do throws(CommandError) {
                    let report = try await audit(from: now - Self.auditSpan, until: nil)
                    let count = report.jobs.reduce(0) { $0 + $1.findings.count + $1.findingsLeftOut }
                    return count == 0 ? .clean(at: report.through) : .findings(count, at: report.through)
                } catch {
                    return .unknown(error.message)
                }
            }
            group.addTask {
                // It ends with the group.
                try? await Task.sleep(for: Self.auditLimit)
                return .unknown("it takes long: almanac audit has the time")
            }
            let first = await group.next() ?? .unknown("it did not begin")
            group.cancelAll()
            return first
        }
    }

    /// What the checks of the list come to that start no program.
    func goThroughChecklist() async -> Result<PreflightReport, CommandError> {
        do throws(CommandError) {
            return .success(try await checklist().run { !$0.startsProgram })
        } catch {
            return .failure(error)
        }
    }
}
