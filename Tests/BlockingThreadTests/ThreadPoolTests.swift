import Glibc
import Testing

@testable import BlockingThread

@Suite("a pool of threads for tasks")
struct ThreadPoolTests {
    private static let pool = ThreadPool()

    @Test("tasks of the pool run on a few threads of its own, and all of them end")
    func threads() async {
        let threads = await withTaskExecutorPreference(Self.pool) {
            await withTaskGroup(of: UInt.self) { group in
                for _ in 0..<1000 {
                    group.addTask {
                        await Task.yield()
                        return UInt(pthread_self())
                    }
                }
                var threads: [UInt] = []
                for await thread in group { threads.append(thread) }
                return threads
            }
        }
        #expect(threads.count == 1000)
        #expect(Set(threads).count <= 4)
    }

    @Test("a job that is to wait for a while runs when that has passed, not before")
    func delay() async {
        let clock = ContinuousClock()
        let began = clock.now
        let executor = Postponing(pool: Self.pool, delay: .milliseconds(30))
        await withTaskExecutorPreference(executor) { await Task.yield() }
        #expect(clock.now - began >= .milliseconds(30))
    }

    @Test("what waits is released in the order of its deadlines, and of its arrival where these are the same")
    func order() async {
        let (released, continuation) = AsyncStream.makeStream(of: Int.self)
        let queue = DelayQueue<Int> { continuation.yield($0) }
        let base = DelayQueue<Int>.Deadline.now() + .milliseconds(20)
        for (number, milliseconds) in [30, 10, 20, 10, 0].enumerated() {
            queue.append(number, until: base + .milliseconds(milliseconds))
        }
        var order: [Int] = []
        for await number in released.prefix(5) { order.append(number) }
        #expect(order == [4, 1, 3, 2, 0])
        #expect(DelayQueue<Int>.Deadline.now() >= base + .milliseconds(30))
    }

    @Test("what is due already is released at once, and what is due never is not")
    func bounds() async {
        let (released, continuation) = AsyncStream.makeStream(of: String.self)
        let queue = DelayQueue<String> { continuation.yield($0) }
        let now = DelayQueue<String>.Deadline.now()
        queue.append("never", until: now + .seconds(Int64.max))
        queue.append("long ago", until: now + .seconds(-1_000_000_000_000))
        queue.append("soon", until: now + .milliseconds(1))
        var order: [String] = []
        for await text in released.prefix(2) { order.append(text) }
        #expect(order == ["long ago", "soon"])
    }
}

/// Hands jobs to a pool for later.
private final class Postponing: TaskExecutor {
    private let pool: ThreadPool
    private let delay: Duration

    init(pool: ThreadPool, delay: Duration) {
        self.pool = pool
        self.delay = delay
    }

    func enqueue(_ job: consuming ExecutorJob) {
        pool.enqueue(job, after: delay, tolerance: nil, clock: ContinuousClock())
    }
}
