import CSQLite
import Glibc
import TestFiles

/// The machine that measures, and what it runs.
enum Machine {
    /// Processor, cores, memory and kernel.
    static var description: String {
        let model = line(of: "/proc/cpuinfo", beginningWith: "model name") ?? "unknown processor"
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        let memory = Double(sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))) / 0x4000_0000
        var system = utsname()
        uname(&system)
        let kernel = withUnsafeBytes(of: &system.release) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return "\(model), \(cores) cores, \(Terminal.decimal(memory, 1)) GiB, Linux \(kernel)"
    }

    /// The load average of 1, 5 and 15 minutes: who else used the processors.
    static var load: String {
        let text = (try? text(ofFile: "/proc/loadavg")) ?? ""
        return text.split(separator: " ").prefix(3).joined(separator: " ")
    }

    /// The versions of what the program is built with and runs on.
    static func versions(with stores: [StoreKind]) -> String {
        let compiler =
            Shell.output(of: "swift --version 2>/dev/null").split(separator: "\n").first ?? "unknown"
        var versions = ["Swift of this machine: \(compiler)"]
        if stores.contains(.sqlite) { versions.append("SQLite \(String(cString: sqlite3_libversion()))") }
        if stores.contains(.postgres), let address = MeasuredStore.testServer,
            let version = try? Server(address).value("show server_version")
        {
            versions.append("PostgreSQL \(version)")
        }
        return versions.joined(separator: "; ")
    }

    /// Its kind: on one in memory a commit costs nothing.
    static func fileSystem(of path: String) -> String {
        let name = Shell.output(of: "stat -f -c %T '\(path)'").split(separator: "\n").first
        return name.map(String.init) ?? "unknown"
    }

    private static func line(of path: String, beginningWith name: String) -> String? {
        let lines = ((try? text(ofFile: path)) ?? "").split(separator: "\n")
        guard let found = lines.first(where: { $0.hasPrefix(name) }) else { return nil }
        return found.split(separator: ":", maxSplits: 1).last.map { String($0.drop { $0 == " " }) }
    }
}
