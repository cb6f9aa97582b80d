import BlockingThread
import Glibc
import Testing

@Suite("an executor with a thread of its own")
struct ThreadExecutorTests {
    @Test("every job of an actor runs on the same thread, which no other actor has")
    func ownThread() async {
        let first = Worker()
        let second = Worker()
        var seen: Set<UInt> = []
        for _ in 1...100 { seen.insert(await first.thread()) }
        #expect(seen.count == 1)
        #expect(await !seen.contains(second.thread()))
    }

    @Test("jobs from many tasks all run, one at a time")
    func serial() async {
        let worker = Worker()
        await withTaskGroup(of: Void.self) { group in
            for _ in 1...1000 { group.addTask { await worker.increment() } }
        }
        #expect(await worker.count == 1000)
    }

    @Test("an actor that blocks holds up nobody else")
    func blocking() async {
        let gate = Gate()
        let waiters = (0..<16).map { _ in Worker() }
        // More blocked actors than the machine has cores: on the shared pool, nothing would ever open the
        // gate.
        await withTaskGroup(of: Void.self) { group in
            for waiter in waiters { group.addTask { await waiter.wait(for: gate) } }
            group.addTask { gate.open(for: waiters.count) }
        }
    }

    @Test("the thread ends after its actor is released, and no job is lost")
    func end() async {
        let ended = Gate()
        var worker: Worker? = Worker()
        await worker?.openAtThreadEnd(ended)
        worker = nil
        // A thread that does not end lets this test hang.
        await Worker().wait(for: ended)
    }
}

private actor Worker {
    private let executor = ThreadExecutor()
    private(set) var count = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func thread() -> UInt { UInt(pthread_self()) }

    func increment() { count += 1 }

    func wait(for gate: Gate) { gate.wait() }

    /// Has the system open the gate when the thread of this actor ends.
    func openAtThreadEnd(_ gate: Gate) {
        var key = pthread_key_t()
        pthread_key_create(&key) { argument in
            guard let argument else { return }
            Unmanaged<Gate>.fromOpaque(argument).takeRetainedValue().open(for: 1)
        }
        pthread_setspecific(key, Unmanaged.passRetained(gate).toOpaque())
    }
}

/// Blocks threads until it is opened for them.
private final class Gate: @unchecked Sendable {
    // Unchecked: a semaphore is made for several threads, and has a fixed place in memory.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func wait() { while sem_wait(semaphore) != 0 {} }

    func open(for count: Int) { for _ in 0..<count { sem_post(semaphore) } }
}
