import CLibsystemd
import Glibc

/// The service of this host, as its unit says.
package struct InstalledService: Sendable, Equatable {
    /// A variable that the service gets, and what sets it.
    package struct Variable: Sendable, Equatable {
        /// As in the environment.
        package var name: String
        /// It may be a secret.
        package var value: String
        /// `almanac.service`, or the path of an environment file.
        package var origin: String
    }

    /// The user that the service runs as; empty for root.
    package var user: String
    /// The group; empty for that of the user.
    package var group: String
    /// In the order of their names.
    package var variables: [Variable]

    /// The group whose members may ask the service, as the package makes it.
    package static let groupName = "almanac"
    /// Where the service listens for them.
    package static let socketPath = "/run/almanac/almanac.sock"
    /// The name of the unit.
    package static let unitName = "almanac.service"
    /// Where units live (systemd.unit(5)).
    private static let unitDirectories = [
        "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system",
        "/lib/systemd/system",
    ]

    /// Whether this machine runs a service manager that has the unit, for those whom it tells nothing more.
    package static var isInstalled: Bool {
        sd_booted() > 0 && unitDirectories.contains { unsafe access("\($0)/\(unitName)", F_OK) == 0 }
    }

    /// What the service manager, and the environment files of the unit, say of the service; nil when there is none. For
    /// root.
    package static func ofThisHost() throws(SystemdError) -> InstalledService? {
        guard isInstalled else { return nil }
        let bus = try ManagerBus()
        let unit = ManagerBus.Unit(name: unitName)
        switch try bus.text("LoadState", of: unit) {
        case "loaded": break
        case "masked": throw SystemdError(subject: unitName, reason: .masked)
        case let state: throw SystemdError(subject: "\(unitName) (\(state))", reason: .system(errno: EINVAL))
        }
        var variables: [String: Variable] = [:]
        func set(_ name: String, _ value: String, _ origin: String) {
            variables[name] = Variable(name: name, value: value, origin: origin)
        }
        let state = try bus.texts("StateDirectory", of: unit).map { "/var/lib/" + $0 }
        if !state.isEmpty { set("STATE_DIRECTORY", state.joined(separator: ":"), unitName) }
        let runtime = try bus.texts("RuntimeDirectory", of: unit).map { "/run/" + $0 }
        if !runtime.isEmpty { set("RUNTIME_DIRECTORY", runtime.joined(separator: ":"), unitName) }
        let credentials = "/run/credentials/\(unitName)"
        if unsafe access(credentials, F_OK) == 0 { set("CREDENTIALS_DIRECTORY", credentials, unitName) }
        for assignment in try bus.texts("Environment", of: unit) {
            guard let equals = assignment.firstIndex(of: "=") else { continue }
            set(
                String(assignment[..<equals]), String(assignment[assignment.index(after: equals)...]),
                unitName)
        }
        for file in try bus.files("EnvironmentFiles", of: unit) {
            for (name, value) in try contents(of: file) { set(name, value, file.path) }
        }
        for assignment in try bus.texts("UnsetEnvironment", of: unit) {
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let known = variables[String(parts[0])] else { continue }
            if parts.count == 1 || known.value == parts[1] { variables[known.name] = nil }
        }
        return InstalledService(
            user: try bus.text("User", of: unit), group: try bus.text("Group", of: unit),
            variables: variables.values.sorted { $0.name < $1.name })
    }

    /// What an environment file sets; the paths of several may be one pattern (glob(7)).
    private static func contents(
        of file: (path: String, isOptional: Bool)
    ) throws(SystemdError) -> [(name: String, value: String)] {
        var paths = unsafe glob_t()
        defer { unsafe globfree(&paths) }
        guard unsafe glob(file.path, 0, nil, &paths) == 0 else {
            if file.isOptional { return [] }
            throw SystemdError(subject: file.path, reason: .system(errno: ENOENT))
        }
        var variables: [(name: String, value: String)] = []
        for index in 0..<(unsafe Int(paths.gl_pathc)) {
            guard let name = unsafe paths.gl_pathv[index] else { continue }
            let path = unsafe String(cString: name)
            let text = try SecretFile.text(path: path, directory: AT_FDCWD, flags: 0, subject: path)
            variables += EnvironmentFile.parse(text)
        }
        return variables
    }
}
