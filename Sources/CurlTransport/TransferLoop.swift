import CLibcurl
import Glibc
import RunModel
import Synchronization

/// What is the same for all requests of a transport.
struct TransferSettings: Sendable {
    var userAgent: String
    var certificateAuthoritiesFile: String?
}

/// Runs all transfers of a transport on one thread of its own.
final class TransferLoop: Sendable {
    private let multi: MultiHandle
    private let settings: TransferSettings
    private let inbox = Mutex(Inbox())

    /// How callers and the thread meet.
    private struct Inbox {
        /// What was submitted and not yet seen by the thread; callers wait for each, so they bound its
        /// length.
        var submissions: [Submission] = []
        var isStopping = false
        var isEnded = false
        var waitingForTheEnd: [CheckedContinuation<Void, Never>] = []
    }

    /// Nil when there is no memory or no way to wake the thread.
    init?(settings: TransferSettings) {
        guard let multi = MultiHandle(), multi.wakeUp() else { return nil }
        self.multi = multi
        self.settings = settings
    }

    /// Starts the thread; false when the system refuses one.
    func start() -> Bool {
        let context = unsafe Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                let loop = unsafe Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue()
                loop.run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            unsafe context.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    /// Hands a request over; a stopped loop cancels it.
    func submit(_ submission: Submission) {
        let isTaken = inbox.withLock { inbox in
            if !inbox.isStopping { inbox.submissions.append(submission) }
            return !inbox.isStopping
        }
        if isTaken { multi.wakeUp() } else { submission.cancel(requestMayHaveBeenSent: false) }
    }

    /// Ends the transfer of the submission that holds the flag, wherever it is by now.
    func cancel(_ cancellation: CancellationFlag) {
        cancellation.set()
        multi.wakeUp()
    }

    /// Takes nothing more and ends what is under way.
    func stop() {
        inbox.withLock { $0.isStopping = true }
        multi.wakeUp()
    }

    /// Returns when the thread has ended everything.
    func waitForTheEnd() async {
        await withCheckedContinuation { continuation in
            let isEnded = inbox.withLock { inbox in
                if !inbox.isEnded { inbox.waitingForTheEnd.append(continuation) }
                return inbox.isEnded
            }
            if isEnded { continuation.resume() }
        }
    }
}

// MARK: - The thread

extension TransferLoop {
    private func run() {
        blockSignals()
        var waiting: [Submission] = []
        var active: [Transfer] = []
        var isStopping = false
        while !isStopping {
            isStopping = inbox.withLock { inbox in
                waiting += inbox.submissions
                inbox.submissions = []
                return inbox.isStopping
            }
            endCancelled(&waiting, &active, all: isStopping)
            startWaiting(&waiting, &active)
            if let failure = multi.perform() { endAll(&active, because: failure) }
            finishEnded(&active)
            let hasRoom = !waiting.isEmpty && active.count < Limits.requestsInFlightMax
            if !isStopping, let failure = multi.poll(timeoutMilliseconds: hasRoom ? 0 : idleMillisecondsMax) {
                endAll(&active, because: failure)
                usleep(pauseAfterFailureMicroseconds)
            }
        }
        let waiters = inbox.withLock { inbox in
            inbox.isEnded = true
            return inbox.waitingForTheEnd
        }
        for waiter in waiters { waiter.resume() }
    }

    /// The TLS library writes to broken connections without asking not to be signalled (SIGPIPE), and other
    /// signals belong to the threads that wait for them.
    private func blockSignals() {
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
    }

    private func endCancelled(_ waiting: inout [Submission], _ active: inout [Transfer], all: Bool) {
        waiting.removeAll { submission in
            guard all || submission.cancellation.isSet else { return false }
            submission.cancel(requestMayHaveBeenSent: false)
            return true
        }
        active.removeAll { transfer in
            guard all || transfer.submission.cancellation.isSet else { return false }
            transfer.cancel()
            transfer.leave(multi)
            return true
        }
    }

    private func startWaiting(_ waiting: inout [Submission], _ active: inout [Transfer]) {
        while !waiting.isEmpty && active.count < Limits.requestsInFlightMax {
            let submission = waiting.removeFirst()
            if let problem = RequestCheck.problem(of: submission.request) {
                submission.refuse(problem)
            } else if let transfer = Transfer(submission, settings: settings) {
                if let problem = transfer.start(on: multi) {
                    submission.refuse(problem)
                } else {
                    active.append(transfer)
                }
            } else {
                submission.refuse("there is no memory for the request")
            }
        }
    }

    private func finishEnded(_ active: inout [Transfer]) {
        while let ended = multi.nextEnded() {
            guard let index = active.firstIndex(where: { $0.identity == ended.identity }) else {
                preconditionFailure("a transfer ended that was not under way")
            }
            let transfer = active.remove(at: index)
            transfer.finish(ended.code)
            transfer.leave(multi)
        }
    }

    /// libcurl cannot go on, for want of memory for example.
    private func endAll(_ active: inout [Transfer], because failure: String) {
        for transfer in active {
            transfer.fail(failure)
            transfer.leave(multi)
        }
        active = []
    }
}

/// Any change wakes the thread, so this is only how long it sleeps when nothing is to do.
private let idleMillisecondsMax: Int32 = 3_600_000
/// So that an error that stays does not use a whole processor.
private let pauseAfterFailureMicroseconds: UInt32 = 100_000
