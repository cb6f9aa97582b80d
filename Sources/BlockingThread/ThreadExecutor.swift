/// A serial executor with a thread of its own, for actors that call blocking C.
///
/// Such a call would starve the shared pool, which has few threads. The thread ends when the executor is released and
/// its queue is empty.
package final class ThreadExecutor: SerialExecutor {
    /// A job and the executor that it belongs to, which must outlive it.
    private struct Entry {
        let job: UnownedJob
        let executor: ThreadExecutor
    }

    private let queue = JobQueue<Entry>()

    /// Starts the thread; traps when the system allows no more threads.
    package init() {
        // The thread holds the queue only: were it to hold the executor, neither would ever be released.
        startThread { [queue] in
            while let entry = queue.next() {
                unsafe entry.job.runSynchronously(on: entry.executor.asUnownedSerialExecutor())
            }
        }
    }

    deinit {
        queue.close()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        queue.append(Entry(job: UnownedJob(job), executor: self))
    }
}
