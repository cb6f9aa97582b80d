import CivilTime
import Glibc
import JobCatalog

extension ZoneDirectory {
    /// How deep names go: `America/Argentina/San_Luis` is the deepest.
    private static let depthMax = 3
    /// More entries than tzdata has, so that a wrong `TZDIR` does not become a walk over the whole disk.
    private static let namesMax = 5000
    /// How many suggestions help; more would be a list.
    private static let suggestionsMax = 3

    /// Names of the directory that are close to a text, the closest first.
    func suggestions(for text: String) -> [String] {
        guard text.utf8.count <= ZoneName.lengthMax else { return [] }
        let wanted = Self.folded(text)
        var close: [(distance: Int, name: String)] = []
        for name in names() {
            let whole = Self.folded(name)
            let last = Self.folded(name.split(separator: "/").last.map(String.init) ?? name)
            // A name that is a city alone, or a city in the wrong region, is as good as a typing error.
            let wantedLast = Self.folded(text.split(separator: "/").last.map(String.init) ?? text)
            let distance = min(
                Spelling.distance(wanted, whole),
                last.count > 3 ? Spelling.distance(wantedLast, last) + 1 : .max)
            if distance <= max(0, min(2, wanted.count / 4)) { close.append((distance, name)) }
        }
        close.sort { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return close.prefix(Self.suggestionsMax).map(\.name)
    }

    /// Letters in lower case, with nothing between words.
    private static func folded(_ text: String) -> [UInt8] {
        text.lowercased().utf8.filter {
            $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "-")
        }
    }

    /// The names of the zones, sorted: files and folders that begin with a capital, as all of the tz
    /// database's do.
    func names() -> [String] {
        var names: [String] = []
        var folders: [(path: String, depth: Int)] = [("", 1)]
        while let (folder, depth) = folders.popLast(), names.count < Self.namesMax {
            guard let directory = unsafe opendir(folder.isEmpty ? path : "\(path)/\(folder)") else {
                continue
            }
            defer { unsafe closedir(directory) }
            while names.count < Self.namesMax, let entry = unsafe readdir(directory) {
                let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                    unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard let first = name.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first)
                else {
                    continue
                }
                let full = folder.isEmpty ? name : "\(folder)/\(name)"
                if unsafe entry.pointee.d_type == UInt8(DT_DIR) {
                    if depth < Self.depthMax { folders.append((full, depth + 1)) }
                } else {
                    names.append(full)
                }
            }
        }
        return names.sorted()
    }
}
