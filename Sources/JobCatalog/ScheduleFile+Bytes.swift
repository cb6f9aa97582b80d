/// What a schedule file is before it is text.
extension ScheduleFile {
    static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        let start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        return bytes[start...].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0
        }
    }

    /// Where the first byte is that is not part of UTF-8 text.
    static func firstInvalid(_ line: ArraySlice<UInt8>) -> Int? {
        guard String(validating: line, as: UTF8.self) == nil else { return nil }
        var decoder = UTF8()
        var bytes = line.makeIterator()
        var valid = 0
        while case .scalarValue(let scalar) = decoder.decode(&bytes) { valid += UTF8.width(scalar) }
        return min(valid, line.count - 1)
    }

    static func hexadecimal(_ byte: UInt8) -> String {
        "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
