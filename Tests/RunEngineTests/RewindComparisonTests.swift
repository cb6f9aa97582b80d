import CivilTime
import Records
import RunEngine
import RunModel
import Testing

/// What a host makes of a store that has other rows than it kept.
@Suite("a store compared with what it had taken")
struct RewindComparisonTests {
    private static let host = HostID("alpha/1")
    private static let at = Instant(seconds: 1_795_392_600)

    private let run: RunRecord
    private let claim: KeptWrite

    init() throws {
        let job = try #require(JobName("purge"))
        run = RunRecord(
            id: RunID(job: job, scheduledFor: Self.at), job: job, trigger: .schedule, scheduledFor: Self.at,
            dueAt: Self.at, state: .running, attempts: 1, attemptsMax: 3, host: Self.host,
            configHash: "c0ffee", createdAt: Self.at, startedAt: Self.at)
        claim = KeptWrite(
            write: .claim(Claim(run: run, isExclusive: false, ignoresPause: true, lease: .seconds(60))),
            fence: 1)
    }

    private func retry(at second: Int64) -> KeptWrite {
        let end = AttemptRecord(number: 1, startedAt: Self.at, finishedAt: Self.at + .seconds(second))
        return kept(.awaitRetry(owned, end, retryAt: Self.at + .seconds(second + 2)))
    }

    private var owned: OwnedRun { OwnedRun(id: run.id, fence: 1) }

    private func kept(_ write: StoreWrite) -> KeptWrite { KeptWrite(write: write, fence: nil) }

    private func rewind(_ kept: [KeptWrite], _ state: RunState, fence: Int64 = 1, retryAt: Int64? = nil)
        -> Rewind
    {
        let holding = RunHolding(
            id: run.id, host: Self.host, state: state, fence: fence, attempts: 1,
            retryAt: retryAt.map { Self.at + .seconds($0) })
        return Rewind(kept, [run.id: holding], host: Self.host)
    }

    private var begunAgain: [KeptWrite] {
        let again = kept(.startAttempt(owned, number: 1, at: Self.at + .seconds(7)))
        return [claim, retry(at: 5), again, retry(at: 8)]
    }

    @Test("it has lost nothing of an attempt that sent nothing and was begun again under its number")
    func begunAgainIsHeld() {
        #expect(rewind(begunAgain, .retryWait, retryAt: 10).runs == 0)
    }

    @Test("what was kept again when it was delivered again does not come behind what followed it")
    func firstPlace() {
        let again = begunAgain + [begunAgain[0], begunAgain[1]]
        let rewind = rewind(again, .running)
        #expect(rewind.writes.last == begunAgain[3].write)
    }

    @Test("what it has under a newer proof of the same host is that host's")
    func newerProof() {
        let end = kept(.finish(owned, Completion(outcome: .succeeded, finishedAt: Self.at + .seconds(1))))
        let rewind = rewind([claim, end], .running, fence: 4)
        let proof = OwnedRun(id: owned.id, fence: 4)
        #expect(rewind.writes == [claim.write, end.write.owned(as: proof)])
    }

    @Test("an end that is known goes before what a takeover from a store that had lost it could say")
    func knownEndFirst() {
        let end = kept(.finish(owned, Completion(outcome: .succeeded, finishedAt: Self.at + .seconds(1))))
        let proof = OwnedRun(id: owned.id, fence: 4)
        let lost = Completion(outcome: .unknown, reason: .lost, finishedAt: Self.at + .seconds(90))
        let rewind = rewind([claim, end, kept(.finish(proof, lost))], .running, fence: 4)
        #expect(rewind.writes == [claim.write, end.write.owned(as: proof)])
    }
}
