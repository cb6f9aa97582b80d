import Glibc

/// The jobs that wait for a thread, first in, first out.
///
/// Unchecked: `entries` and `isClosed` are touched under `mutex` only. The mutex and the condition are
/// allocated, because POSIX forbids them to move, and freed with the queue, which both the thread and the
/// executor hold.
@safe
final class JobQueue: @unchecked Sendable {
    /// A job and the executor that it belongs to, which must outlive it.
    struct Entry {
        let job: UnownedJob
        let executor: ThreadExecutor
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var entries: [Entry] = []
    private var isClosed = false

    init() {
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    func append(_ entry: Entry) {
        unsafe pthread_mutex_lock(mutex)
        entries.append(entry)
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Lets the thread end once the queue is empty.
    func close() {
        unsafe pthread_mutex_lock(mutex)
        isClosed = true
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Waits for the next entry; nil when there will be no more.
    func next() -> Entry? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while entries.isEmpty && !isClosed {
            unsafe pthread_cond_wait(condition, mutex)
        }
        return entries.isEmpty ? nil : entries.removeFirst()
    }
}
