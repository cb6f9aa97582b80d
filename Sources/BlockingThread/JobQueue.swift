import Glibc

/// What waits for threads, first in, first out.
///
/// Unchecked: `entries`, `first` and `isClosed` are touched under `mutex` only. The mutex and the condition are
/// allocated, because POSIX forbids them to move, and freed with the queue, which both the threads and those who fill
/// it hold.
@safe
final class JobQueue<Entry: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Those before `first` have been taken.
    private var entries: [Entry] = []
    private var first = 0
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
        unsafe pthread_mutex_unlock(mutex)
        // Not before: the thread that wakes would only wait again, for the mutex.
        unsafe pthread_cond_signal(condition)
    }

    /// Lets the threads end once the queue is empty.
    func close() {
        unsafe pthread_mutex_lock(mutex)
        isClosed = true
        unsafe pthread_mutex_unlock(mutex)
        unsafe pthread_cond_broadcast(condition)
    }

    /// Waits for the next entry; nil when there will be no more.
    func next() -> Entry? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while first == entries.count && !isClosed {
            unsafe pthread_cond_wait(condition, mutex)
        }
        guard first < entries.count else { return nil }
        let entry = entries[first]
        first += 1
        // Moving the others up for each that is taken would cost more, the more wait.
        if first * 2 > entries.count {
            entries.removeFirst(first)
            first = 0
        }
        return entry
    }
}
