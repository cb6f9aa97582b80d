import Host
import JobCatalog
import Logging
import Operations
import Records
import RunEngine
import RunModel
import Synchronization

/// What the service logs of runs.
extension EngineService {
    /// What the store answered about a run, for those who look closely.
    func note(_ result: Result<StoreAnswer, StoreError>, of write: StoreWrite, _ job: Job, _ id: RunID) {
        switch result {
        case .failure(let error) where error.reason == .ahead: storeAnswered(write.question)
        case .failure(let error): storeFailed(write.question, error)
        case .success(let answer):
            storeAnswered(write.question)
            guard case (.claim(let claim), .claim(let answer)) = (write, answer) else { return }
            show(claim, answer)
            if case .paused(let pause) = answer, isNews(pause, for: job.name) {
                logger.notice(
                    "paused, occurrences are skipped",
                    metadata: ["job": "\(job.name)", "run": "\(id)", "detail": "\(pause.detail)"])
                // The board and the status show it at once.
                ask()
            }
            logger.debug(
                "claim answered", metadata: ["job": "\(job.name)", "run": "\(id)", "answer": "\(answer)"])
        }
    }

    /// How a request ended, for those who look closely; whether it finds the token refused is shown at once: the run is
    /// recorded later, when the store is away much later.
    func note(_ exchange: Exchange, _ job: Job, _ id: RunID) {
        let verdict = Verdict(exchange, policy: job.policy, givenUpFor: .shutdown, now: Clocks.now())
        if case .end(_, .token, _) = verdict {
            board.refused(job.name, at: Clocks.now())
        } else {
            board.refused(job.name, at: nil)
        }
        logger.debug(
            "request ended",
            metadata: ["job": "\(job.name)", "run": "\(id)", "elapsed": "\(exchange.elapsed)"])
    }

    /// Whether the job has met another pause before, or none: a job that is due each second is not to fill the log.
    private func isNews(_ pause: Pause, for job: JobName) -> Bool {
        pausesTold.withLock { told in
            defer { told[job] = pause }
            return told[job] != pause
        }
    }

    /// What an operator may want to act on; the turn that follows writes it.
    func log(_ row: RunRecord) {
        runLog.withLock { $0.add(row) }
    }

    /// Writes what ended, with `busy` jobs that have something under way; whether a burst holds back more.
    func writeLog(busy: Int, isEnd: Bool = false) -> Bool {
        runLog.withLock {
            $0.write(at: .now, busy: busy, isEnd: isEnd, to: logger)
            return $0.isHolding
        }
    }
}
