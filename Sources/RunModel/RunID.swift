package import CivilTime

/// The identity of a run, a UUID; it is also the `Idempotency-Key` of all its attempts.
package struct RunID: Hashable, Comparable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// The identity of the run for the occurrence of `job` at `scheduledFor`.
    ///
    /// It is a function of the occurrence, so that every host, also one that cannot see the store, sends the same
    /// key for it. UUID version 8 (RFC 9562, section 5.8) over FNV-1a (RFC 9923) of the name and the microseconds.
    package init(job: JobName, scheduledFor: Instant) {
        var hash = StableHash()
        hash.combine(job.description)
        hash.combine(scheduledFor.microseconds)
        self.init(bits: hash.identity, version: 8)
    }

    /// The identity of a run of `job` that somebody asks for under a `key` of their own: whoever asks again, of whatever
    /// host, means the same run. UUID version 8, as for an occurrence; no instant has this form.
    package init(job: JobName, key: String) {
        var hash = StableHash()
        hash.combine(job.description)
        hash.combine("Idempotency-Key")
        hash.combine(key)
        self.init(bits: hash.identity, version: 8)
    }

    /// The identity of the run that makes the occurrence of `job` at `instant` good, of whatever host: there is one. UUID
    /// version 8, as for an occurrence.
    package init(job: JobName, backfillOf instant: Instant) {
        var hash = StableHash()
        hash.combine(job.description)
        hash.combine("backfill")
        hash.combine(instant.microseconds)
        self.init(bits: hash.identity, version: 8)
    }

    /// The identity of a run asked for by hand, from 128 random bits (UUID version 4).
    package init(random: UInt128) {
        self.init(bits: random, version: 4)
    }

    /// The identity spelt `text`, 36 characters of hexadecimal digits and hyphens, or nil when it is not one.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 36 else { return nil }
        var value: UInt128 = 0
        for (index, byte) in text.utf8.enumerated() {
            if Self.isHyphen(index) {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Self.value(ofDigit: byte) else { return nil }
            value = value << 4 | UInt128(digit)
        }
        high = UInt64(truncatingIfNeeded: value >> 64)
        low = UInt64(truncatingIfNeeded: value)
    }

    /// The beginning of an identity, or all of it: hexadecimal digits, hyphens or not.
    package struct Beginning: Equatable, Sendable {
        /// In lower case.
        package let text: String
        /// The identities that begin so.
        package let range: ClosedRange<RunID>

        /// The beginning written as `text`; nil when no identity begins so.
        package init?(_ text: some StringProtocol) {
            let digits = text.lowercased().filter { $0 != "-" }
            guard !digits.isEmpty, digits.utf8.count <= 32, text.utf8.count <= 36,
                digits.allSatisfy({ $0.isASCII && $0.isHexDigit })
            else { return nil }
            func bound(_ filler: Character) -> RunID? {
                var text = ""
                let filled = digits + String(repeating: filler, count: 32 - digits.count)
                for (index, digit) in filled.enumerated() {
                    if [8, 12, 16, 20].contains(index) { text.append("-") }
                    text.append(digit)
                }
                return RunID(text)
            }
            guard let first = bound("0"), let last = bound("f") else { return nil }
            self.text = text.lowercased()
            range = first...last
        }
    }

    private init(bits: UInt128, version: UInt64) {
        high = UInt64(truncatingIfNeeded: bits >> 64) & ~0xf000 | version << 12
        low = UInt64(truncatingIfNeeded: bits) & ~(0b11 << 62) | 0b10 << 62
    }

    package var description: String {
        // Byte by byte: a store writes it several times for each run.
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for half in [high, low] {
            for shift in stride(from: 60, through: 0, by: -4) {
                if Self.isHyphen(text.count) { text.append(UInt8(ascii: "-")) }
                let digit = UInt8(truncatingIfNeeded: half >> UInt64(shift) & 0xf)
                text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    package static func < (left: RunID, right: RunID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// Whether a hyphen stands at this place of the text.
    private static func isHyphen(_ index: Int) -> Bool {
        index == 8 || index == 13 || index == 18 || index == 23
    }

    /// The value of a hexadecimal digit in ASCII.
    private static func value(ofDigit byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
