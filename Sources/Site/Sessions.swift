import CivilTime
import Synchronization

/// Who has signed in, and which forms each may still send.
///
/// All of it is in the memory of this process: a restart signs everybody out. A token that a reload replaced opens nothing any
/// more, because it is compared again with each request.
package final class Sessions: Sendable {
    /// Somebody who has signed in.
    struct Visitor: Sendable, Equatable {
        /// As it is recorded with what they do.
        var name: String
        /// What they signed in with.
        var token: String
    }

    private struct Entry {
        var visitor: Visitor?
        var expires: Instant
        /// What may be sent, the newest last: a number that was drawn for it, and for which page.
        var tickets: [(number: String, page: String)] = []
    }

    /// How long it lasts.
    package static let lifetime: Duration = .seconds(12 * 3600)
    /// The most of them with one token, so that who may only read ends no session of who may act; the one that ends first makes
    /// room.
    package static let most = 64
    /// Forms of one session that are open at once; the oldest makes room.
    package static let ticketsMax = 128

    private let entries = Mutex<[String: Entry]>([:])

    package init() {}

    /// Begins a session, and answers the number that its browser brings with each request.
    func begin(_ visitor: Visitor, now: Instant) -> String {
        let number = Self.draw()
        entries.withLock { entries in
            Self.makeRoom(&entries, now, for: visitor.token)
            entries[number] = Entry(visitor: visitor, expires: now + Self.lifetime)
        }
        return number
    }

    /// Whose number it is; nil when it is none, or over.
    func visitor(_ number: String, now: Instant) -> Visitor? {
        entries.withLock { entries in
            entries[number].flatMap { $0.expires > now ? $0.visitor : nil }
        }
    }

    /// Ends a session.
    func end(_ number: String) {
        entries.withLock { _ = $0.removeValue(forKey: number) }
    }

    /// A field that lets the form of `page` be sent once. `key` is the number of a session, or names who needs none.
    func ticket(for page: String, of key: String, now: Instant) -> String {
        let number = Self.draw()
        entries.withLock { entries in
            if entries[key] == nil {
                Self.makeRoom(&entries, now, for: nil)
                entries[key] = Entry(visitor: nil, expires: now + Self.lifetime)
            }
            entries[key]?.tickets.append((number, page))
            if let count = entries[key]?.tickets.count, count > Self.ticketsMax {
                entries[key]?.tickets.removeFirst(count - Self.ticketsMax)
            }
        }
        return number
    }

    /// Whether the form may be sent, which it may not be again.
    func spend(_ ticket: String, for page: String, of key: String) -> Bool {
        entries.withLock { entries in
            guard
                let index = entries[key]?.tickets.firstIndex(where: { $0.number == ticket && $0.page == page }
                )
            else { return false }
            entries[key]?.tickets.remove(at: index)
            return true
        }
    }

    private static func makeRoom(_ entries: inout [String: Entry], _ now: Instant, for token: String?) {
        entries = entries.filter { $0.value.expires > now }
        let alike = entries.filter { $0.value.visitor?.token == token }
        guard alike.count >= most, let first = alike.min(by: { $0.value.expires < $1.value.expires }) else {
            return
        }
        entries.removeValue(forKey: first.key)
    }

    /// 128 bits of the system's random numbers.
    private static func draw() -> String {
        let digits = String(UInt128.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
