import CivilTime
import Preflight
import Records
import RunModel
import Testing

@Suite struct PreflightReportTests {
    private func report(_ statuses: [CheckResult.Status], evidence: String = "seen") -> PreflightReport {
        let lines = statuses.enumerated().map { index, status in
            status == .manual || index == 0
                ? "check c\(index): manual \"Is it?\" title=\"**C\(index)**: so\""
                : "check c\(index): tls x title=\"T\(index)\""
        }
        let list = PreflightList(
            Array(("group g: \"Group\"\n" + lines.joined(separator: "\n")).utf8), file: "list")
        return PreflightReport(
            groups: list.groups,
            results: zip(list.checks, statuses).map { ($0, CheckResult($1, evidence, hint: "mend it")) },
            signatures: [
                "c0": Signature(
                    item: "c0", by: "Amina Haddad", at: Instant(seconds: 1_796_000_000), evidence: "",
                    host: HostID("a"))
            ])
    }

    @Test("a group in which all passes is one line, and the last line says that all is ready")
    func folded() {
        let text = report([.pass, .pass]).short(allowsUnsigned: false)
        #expect(text.split(separator: "\n").count == 2)
        #expect(text.hasSuffix("1 passed, 1 manual (1 signed); ready"))
    }

    @Test(
        "it is ready when nothing fails, and nothing waits for a signature unless that may be",
        arguments: [
            ([CheckResult.Status.pass, .pass], true, true), ([.pass, .warn], true, true),
            ([.pass, .fail], false, false),
            ([.pass, .manual], false, true), ([.manual, .fail], false, false),
        ])
    func ready(statuses: [CheckResult.Status], isReady: Bool, isReadyUnsigned: Bool) {
        #expect(report(statuses).isReady(allowsUnsigned: false) == isReady)
        #expect(report(statuses).isReady(allowsUnsigned: true) == isReadyUnsigned)
    }

    @Test("what does not pass is shown with its evidence and its cure")
    func unfolded() {
        let text = report([.pass, .fail, .manual, .warn]).short(allowsUnsigned: false)
        #expect(text.contains("  ✓ c0  seen\n  ✗ c1  seen\n      hint: mend it\n  ☐ c2  seen"))
        #expect(text.hasSuffix("1 failed, 1 warning, 2 manual (1 signed); not ready: 1 must be repaired"))
    }

    @Test("the boxes of the list are ticked, with initials and dates")
    func markdown() {
        let text = report([.pass, .fail]).markdown(allowsUnsigned: false)
        #expect(
            text.hasPrefix(
                "## Group\n\n- [x] **C0**: so\n  - pass: seen — AH, 2026-11-30\n- [ ] T1\n  - fail: seen\n"))
        #expect(text.contains("**Initial**: AH **Date**: 2026-11-30"))
    }

    @Test("what a server answered is shown as it is, and not as Markdown")
    func escaped() {
        let text = report([.fail], evidence: "<b>*x*\n- [x] done").markdown(allowsUnsigned: false)
        #expect(text.contains(#"  - fail: \<b\>\*x\* - \[x\] done"#))
    }
}
