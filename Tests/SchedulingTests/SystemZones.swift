import CivilTime
import Glibc
import Testing

/// The zones of the machine that runs the tests.
enum SystemZones {
    static let directory = "/usr/share/zoneinfo"

    struct Missing: Error {
        let path: String
    }

    static func zone(_ name: String) throws -> Zone {
        if name == "UTC" { return .utc }
        return try Zone(name: name, tzif: bytes(of: directory + "/" + name))
    }

    /// Every zone of the system once: names with equal files count as one.
    static func all() throws -> [Zone] {
        var seen: Set<[UInt8]> = []
        var zones: [Zone] = []
        for name in names(under: "").sorted() {
            let bytes = try bytes(of: directory + "/" + name)
            guard bytes.starts(with: Array("TZif".utf8)), seen.insert(bytes).inserted else { continue }
            zones.append(try Zone(name: name, tzif: bytes))
        }
        return zones
    }

    private static func names(under folder: String) -> [String] {
        guard let stream = opendir(directory + "/" + folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            // `right` has the zones with leap seconds, which are refused; `posix` has all again.
            if name.hasPrefix(".") || ["right", "posix"].contains(name) { continue }
            let path = folder.isEmpty ? name : folder + "/" + name
            if entry.pointee.d_type == UInt8(DT_DIR) {
                names += self.names(under: path)
            } else {
                names.append(path)
            }
        }
        return names
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw Missing(path: path) }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
        return bytes
    }
}
