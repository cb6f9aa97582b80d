import CivilTime
import Glibc

/// The zone files of the system, as the tests read them.
enum SystemZones {
    static let root = "/usr/share/zoneinfo"

    struct Missing: Error { let path: String }

    static func bytes(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw Missing(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    static func zone(_ name: String) throws -> Zone {
        try Zone(name: name, tzif: try bytes("\(root)/\(name)"))
    }

    /// The version of the system's zone data, as `2025b`.
    static func version() throws -> String {
        let line = try bytes("\(root)/tzdata.zi").prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: line.split(separator: UInt8(ascii: " ")).last ?? [], as: UTF8.self)
    }

    /// The paths below the root of every file that begins as a zone file does, without `posix` and `right`.
    static func names() throws -> [String] {
        var names: [String] = []
        var folders = [""]
        while let folder = folders.popLast() {
            guard let directory = opendir("\(root)/\(folder)") else { throw Missing(path: folder) }
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                    String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name.hasPrefix(".") || folder.isEmpty && (name == "posix" || name == "right") { continue }
                let path = folder.isEmpty ? name : "\(folder)/\(name)"
                if entry.pointee.d_type == UInt8(DT_DIR) {
                    folders.append(path)
                } else if try bytes("\(root)/\(path)").starts(with: Array("TZif".utf8)) {
                    names.append(path)
                }
            }
        }
        return names.sorted()
    }
}
