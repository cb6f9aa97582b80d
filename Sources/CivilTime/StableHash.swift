/// A hash that is the same in every process, on every host and in every release: FNV-1a with 128 bits (RFC
/// 9923).
///
/// It identifies and spreads; it is no protection against people who choose the input.
package struct StableHash: Sendable, Equatable {
    /// The hash of everything combined so far.
    package private(set) var value: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    private static let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b

    /// The hash of nothing, the offset basis of RFC 9923.
    package init() {}

    /// Adds bytes.
    package mutating func combine(bytes: some Sequence<UInt8>) {
        for byte in bytes {
            value = (value ^ UInt128(byte)) &* Self.prime
        }
    }

    /// Adds bytes; other modules have no copy of the generic one for arrays, and it is ten times as slow for them.
    package mutating func combine(bytes: [UInt8]) {
        for byte in bytes {
            value = (value ^ UInt128(byte)) &* Self.prime
        }
    }

    /// Adds a text and an end mark, so that neighbouring texts cannot run together.
    package mutating func combine(_ text: String) {
        combine(bytes: text.utf8)
        combine(bytes: CollectionOfOne(0xff))
    }

    /// Adds a number, most significant byte first.
    package mutating func combine(_ number: Int64) {
        for shift in stride(from: 56, through: 0, by: -8) {
            combine(bytes: CollectionOfOne(UInt8(truncatingIfNeeded: number >> Int64(shift))))
        }
    }

    /// 64 well-mixed bits of the hash, for spreading: FNV's own bits are weak when inputs are alike.
    package var spread: UInt64 {
        Self.mix(UInt64(truncatingIfNeeded: value) ^ UInt64(truncatingIfNeeded: value >> 64))
    }

    /// All 128 bits, well mixed; as many different ones as there are different hashes.
    package var identity: UInt128 {
        let low = Self.mix(UInt64(truncatingIfNeeded: value))
        let high = Self.mix(UInt64(truncatingIfNeeded: value >> 64) ^ low)
        return UInt128(high) << 64 | UInt128(low)
    }

    /// The finishing step of SplitMix64 (Steele, Lea and Flood, 2014), which can be undone.
    private static func mix(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        return bits ^ bits >> 31
    }

    /// The hash as 32 hexadecimal digits.
    package var hexadecimal: String {
        // By halves: dividing 128 bits for each digit takes longer than hashing a job.
        let digits = [UInt64(truncatingIfNeeded: value >> 64), UInt64(truncatingIfNeeded: value)].flatMap {
            half in
            stride(from: 60, through: 0, by: -4).map { shift in
                let digit = UInt8(truncatingIfNeeded: half >> UInt64(shift) & 0xf)
                return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
