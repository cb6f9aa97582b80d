/// A place in a task file as an editor shows it: line and column from 1, columns in Unicode scalars.
package struct TaskPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 1 for the first.
    package var line: Int
    /// 1 for the first, in Unicode scalars.
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// `line:column`.
    package var description: String { "\(line):\(column)" }

    package static func < (left: TaskPosition, right: TaskPosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// Finds the line and column of a byte of a UTF-8 text. LF, CR LF and a lone CR end a line.
struct LineTable: Sendable {
    private let bytes: [UInt8]
    private let starts: [Int]
    /// The scalars before every `stride`-th byte, so that a file of one long line takes no longer.
    private let scalars: [Int]
    private static let stride = 128

    init(_ bytes: [UInt8]) {
        var starts = [0]
        var scalars: [Int] = []
        var count = 0
        for (index, byte) in bytes.enumerated() {
            if index.isMultiple(of: Self.stride) { scalars.append(count) }
            if Self.beginsScalar(byte) { count += 1 }
            let isLineFeed = byte == UInt8(ascii: "\n")
            let isLoneReturn = byte == UInt8(ascii: "\r") && bytes[(index + 1)...].first != UInt8(ascii: "\n")
            if isLineFeed || isLoneReturn { starts.append(index + 1) }
        }
        self.bytes = bytes
        self.starts = starts
        self.scalars = scalars
    }

    /// The place of the byte at `offset`; offsets beyond the text are its end.
    func position(at offset: Int) -> TaskPosition {
        let offset = min(max(offset, 0), bytes.count)
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        let column = scalars(before: offset) - scalars(before: starts[low]) + 1
        return TaskPosition(line: low + 1, column: column)
    }

    private func scalars(before offset: Int) -> Int {
        let block = min(offset / Self.stride, scalars.count - 1)
        guard block >= 0 else { return 0 }
        return scalars[block] + bytes[(block * Self.stride)..<offset].count(where: Self.beginsScalar)
    }

    private static func beginsScalar(_ byte: UInt8) -> Bool { byte & 0b1100_0000 != 0b1000_0000 }
}
