import Glibc
@_spi(ExperimentalCustomExecutors) @_spi(ExperimentalScheduling) import _Concurrency

/// The threads on which a program's tasks run, in the place of those of libdispatch.
///
/// Once a thread of libdispatch's shared pool has run, a timer wakes libdispatch each second for as long as the process
/// lives, to see whether that pool needs another thread. This pool has a fixed number of threads, and while no task has
/// anything to do, none of them wakes.
package final class ThreadPool: TaskExecutor, SchedulingExecutor {
    private let queue: JobQueue<UnownedJob>
    private let delayed: DelayQueue<UnownedJob>

    /// Has the tasks of this program run here; for the first thing that the program does, before any task has waited.
    package static func install() {
        _createExecutors(factory: Factory.self)
    }

    private struct Factory: ExecutorFactory {
        static let pool = ThreadPool()

        /// That of the main actor stays: it has nothing to do with the pool.
        static var mainExecutor: any MainExecutor { PlatformExecutorFactory.mainExecutor }
        static var defaultExecutor: any TaskExecutor { pool }
    }

    /// Starts the threads, which live as long as the process.
    init() {
        let queue = JobQueue<UnownedJob>()
        self.queue = queue
        delayed = DelayQueue { queue.append($0) }
        let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        for _ in 0..<min(max(processors, Self.threads.lowerBound), Self.threads.upperBound) {
            startThread {
                while let job = queue.next() { unsafe job.runSynchronously(on: Self.none) }
            }
        }
    }

    /// As many as there are processors, within these bounds: a task that computes for a while must not hold up all
    /// others, and this program never has much to compute at once, while each thread costs memory.
    private static let threads = 2...4

    /// No executor in particular, for which the standard library has a form (all zero) but no name. A task that ran on
    /// this pool by its name would be sent back to it by each call of a function that asks for no executor.
    private static var none: UnownedSerialExecutor {
        unsafe unsafeBitCast((0, 0), to: UnownedSerialExecutor.self)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        queue.append(UnownedJob(job))
    }

    package func enqueue<C: Clock>(
        _ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C
    ) {
        guard let delay = delay as? Duration else {
            preconditionFailure("\(C.self) is not a clock of the system")
        }
        delayed.append(UnownedJob(job), until: .now() + delay)
    }
}
