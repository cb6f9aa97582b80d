package import CivilTime
import Glibc
import Synchronization

/// The system's time zones: the TZif files below one directory, read when asked for and kept while they do
/// not change.
///
/// Each look-up compares the file's identity with the one that was read, so an update of tzdata is seen by
/// the next look-up, without a restart.
package final class ZoneDirectory: Sendable {
    /// Where Debian's tzdata puts its files.
    package static let systemPath = "/usr/share/zoneinfo"
    /// More than any zone file has: the largest of tzdata are under 4 KiB.
    package static let fileBytesMax = 1 << 20

    /// The directory's path.
    package let path: String
    /// What was read, by name. Only names of files that exist get in, so the directory bounds it.
    private let cache = Mutex<[ZoneName: Entry]>([:])

    private struct Entry {
        let identity: ZoneFile.Identity
        let zone: Zone
    }

    /// The zones below `path`; whether it exists is seen at the first look-up.
    package init(path: String) {
        self.path = path
    }

    /// The zones below what the environment variable `TZDIR` names, else below `systemPath`.
    package static func system() -> ZoneDirectory {
        guard let value = unsafe getenv("TZDIR"), case let path = unsafe String(cString: value), !path.isEmpty
        else {
            return ZoneDirectory(path: systemPath)
        }
        return ZoneDirectory(path: path)
    }

    /// The zone of a name, as its file is now.
    ///
    /// `UTC` needs no file, so that the most used zone is there on a machine without tzdata.
    package func zone(named text: String) throws(ZoneError) -> Zone {
        if text == Zone.utc.name { return .utc }
        let name: ZoneName
        do {
            name = try ZoneName(text)
        } catch {
            throw ZoneError(name: text, reason: .invalidName(error), suggestions: suggestions(for: text))
        }
        do {
            let file = try ZoneFile(path: "\(path)/\(name)")
            if let entry = cache.withLock({ $0[name] }), entry.identity == file.identity { return entry.zone }
            let zone = try Self.decode(name, try file.bytes())
            cache.withLock { $0[name] = Entry(identity: file.identity, zone: zone) }
            return zone
        } catch {
            let isUnknown = error == .notFound || error == .notAFile
            throw ZoneError(name: text, reason: error, suggestions: isUnknown ? suggestions(for: text) : [])
        }
    }

    private static func decode(_ name: ZoneName, _ bytes: [UInt8]) throws(ZoneError.Reason) -> Zone {
        do {
            return try Zone(name: name.text, tzif: bytes)
        } catch {
            throw .malformed(error)
        }
    }

    /// Forgets the zones whose files are no longer those that were read; whether there was one.
    ///
    /// Who holds a zone keeps it as it was; after `true`, look the zones up again.
    package func refreshed() -> Bool {
        let known = cache.withLock { $0.mapValues(\.identity) }
        var changed: [ZoneName] = []
        for (name, identity) in known {
            // A file that cannot be opened any more is not the one that was read.
            let now = try? ZoneFile(path: "\(path)/\(name)").identity
            if now != identity { changed.append(name) }
        }
        cache.withLock { cache in
            for name in changed { cache[name] = nil }
        }
        return !changed.isEmpty
    }

    /// The version of the zone data, as `2025b`; nil when the directory does not tell.
    ///
    /// It is the first line of `tzdata.zi`, else of `+VERSION`.
    package var version: String? {
        for (file, prefix) in [("tzdata.zi", "# version "), ("+VERSION", "")] {
            // A directory without the file does not tell.
            guard let head = try? ZoneFile(path: "\(path)/\(file)").bytes(atMost: 64) else { continue }
            let line = String(decoding: head.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            guard line.hasPrefix(prefix) else { continue }
            let version = line.dropFirst(prefix.count)
            if !version.isEmpty,
                version.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
            {
                return String(version)
            }
        }
        return nil
    }
}
