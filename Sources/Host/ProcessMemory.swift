import CLinux
import Glibc

/// What this process holds in memory.
package enum ProcessMemory {
    /// Gives back what only the work so far needed: memory that was freed, and code that is not running now.
    ///
    /// Of what a small daemon holds, most is code that runs once, when it starts. Code is only read, so that the system
    /// brings a page back from the file, or from its cache, whenever it runs again. Does nothing where that is refused.
    package static func release() {
        releaseFreed()
        for range in codeRanges(maps()) {
            // Pages that are locked in memory stay, which is an error that changes nothing.
            _ = unsafe madvise(
                UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, MADV_DONTNEED)
        }
    }

    /// Gives back memory that was freed, which what is done for all jobs at once leaves much of.
    package static func releaseFreed() {
        _ = malloc_trim(0)
    }

    /// What is mapped where; nothing when that cannot be read.
    private static func maps() -> String {
        guard let file = unsafe fopen("/proc/self/maps", "re") else { return "" }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16_384)
        let size = part.count
        while bytes.count < mapsBytesMax, case let count = unsafe fread(&part, 1, size, file), count > 0 {
            bytes += part[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Some thousand mappings; this program has about 200.
    private static let mapsBytesMax = 1 << 20

    /// The addresses of code from files, in the text of /proc/PID/maps (proc(5)).
    ///
    /// Nothing that can be written: there, and in what is only read by now but was written while the program was loaded,
    /// the file does not have what memory has.
    static func codeRanges(_ maps: String) -> [Range<UInt>] {
        maps.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard words.count == 6, words[1] == "r-xp", words[5].first(where: { $0 != " " }) == "/" else {
                return nil
            }
            let bounds = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            return bounds.count == 2 && bounds[0] < bounds[1] ? bounds[0]..<bounds[1] : nil
        }
    }
}
