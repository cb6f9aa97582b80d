import Glibc

/// A serial executor with a thread of its own, for actors that call blocking C.
///
/// Such a call would starve the shared pool, which has as many threads as the machine has cores. The thread
/// ends when the executor is released and its queue is empty.
package final class ThreadExecutor: SerialExecutor {
    private let queue = JobQueue()

    /// Starts the thread; traps when the system allows no more threads.
    package init() {
        // The thread holds the queue only: were it to hold the executor, neither would ever be released.
        let argument = unsafe Unmanaged.passRetained(queue).toOpaque()
        var thread = pthread_t()
        let failure = unsafe pthread_create(&thread, nil, runJobs, argument)
        precondition(failure == 0, "no thread can be started: error \(failure)")
        pthread_detach(thread)
    }

    deinit {
        queue.close()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        queue.append(JobQueue.Entry(job: UnownedJob(job), executor: self))
    }
}

private func runJobs(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    let queue = unsafe Unmanaged<JobQueue>.fromOpaque(argument).takeRetainedValue()
    while let entry = queue.next() {
        unsafe entry.job.runSynchronously(on: entry.executor.asUnownedSerialExecutor())
    }
    return nil
}
