import Host
import Systemd

/// What a command needs of the service of this host.
package enum ServiceNeed: Sendable {
    /// Its records, and its secrets where a job needs one.
    case records
    /// Its schedule files, and its records if it may see them.
    case files
    /// Its settings alone, for files that the caller named, which are read with the caller's rights.
    case settings
}

/// Whose settings, records and rights a command works with.
///
/// On a host with the service, root acts as the service: with its settings and, before anything but those is opened, with
/// its rights, so that nothing in its state ever belongs to root.
struct Standpoint: Sendable, Equatable {
    enum Records: Sendable, Equatable {
        /// `DB_DSN` or `ALMANAC_STATE_DIRECTORY` of the caller names them.
        case named
        /// Those of the service of this host.
        case service
        /// The caller's own.
        case own
    }

    var records: Records
    /// Whether root took the service's settings.
    var isFromService = false
    /// The socket at which the service is asked in place of its store; nil when the store is asked.
    var socket: String?
    /// Why the caller may not see the service's records; nil when it may, or when they are not the service's.
    var refusal: CommandError?
    /// Who asks, also when this process has taken the rights of somebody else.
    var caller = ProcessInformation.user()
    /// What sets each variable that the caller did not bring.
    var origins: [String: String] = [:]

    /// The variables of which one is enough to name the records.
    private static let naming = ["DB_DSN", "DB_DSN_FILE", "ALMANAC_STATE_DIRECTORY"]

    /// Finds out where this process stands, and takes the service's place when root asks beside it.
    ///
    /// `asCaller` runs when the settings are known, before the rights are given up; it gets what sets each of them.
    static func take(
        _ need: ServiceNeed, asCaller: (_ origins: [String: String]) -> Void = { _ in }
    ) throws(CommandError) -> Standpoint {
        let standpoint = try find(need, asCaller)
        if !standpoint.isFromService { asCaller([:]) }
        return standpoint
    }

    private static func find(
        _ need: ServiceNeed, _ asCaller: (_ origins: [String: String]) -> Void
    ) throws(CommandError) -> Standpoint {
        let environment = ProcessInformation.environment()
        func isSet(_ name: String) -> Bool { !(environment[name] ?? "").isEmpty }
        if naming.contains(where: isSet) { return Standpoint(records: .named) }
        if isSet(SettingName.socket), !isSet("STATE_DIRECTORY") {
            return Standpoint(records: .service, socket: environment[SettingName.socket])
        }
        // The service itself, or whatever else a service manager gave a place to.
        if isSet("STATE_DIRECTORY") { return Standpoint(records: .service) }
        guard InstalledService.isInstalled else { return Standpoint(records: .own) }
        guard Rights.isRoot else {
            if Rights.isMember(of: InstalledService.groupName) {
                return Standpoint(records: .service, socket: InstalledService.socketPath)
            }
            if need == .records { throw Self.refusal }
            return Standpoint(records: .service, refusal: Self.refusal)
        }
        guard let service = try service() else { return Standpoint(records: .own) }
        var standpoint = Standpoint(records: .service, isFromService: true)
        // What the caller brings comes first.
        for variable in service.variables where !isSet(variable.name) {
            ProcessInformation.set(variable.name, variable.value)
            standpoint.origins[variable.name] = variable.origin
        }
        asCaller(standpoint.origins)
        if need != .settings, !service.user.isEmpty {
            do throws(HostError) {
                try Rights.become(user: service.user, group: service.group)
            } catch {
                throw CommandError(error)
            }
        }
        return standpoint
    }

    private static func service() throws(CommandError) -> InstalledService? {
        do throws(SystemdError) {
            return try InstalledService.ofThisHost()
        } catch {
            throw CommandError(
                .configuration,
                error.reason == .masked
                    ? error.description
                    : "the settings of \(InstalledService.unitName) cannot be read: \(error)",
                hint: error.reason == .masked
                    ? error.hint
                    : "see `systemctl cat \(InstalledService.unitName)`, or set ALMANAC_STATE_DIRECTORY for records of your own"
            )
        }
    }

    private static var refusal: CommandError {
        let group = InstalledService.groupName
        return CommandError(
            .refused,
            "the records of this host belong to its service, and only root and the group \(group) may ask for them",
            hint:
                "run: \(asRoot); or join the group: sudo usermod -aG \(group) \(ProcessInformation.userName())"
        )
    }

    /// The command as root types it.
    static var asRoot: String {
        (["sudo", "almanac"] + ProcessInformation.arguments.dropFirst()).map(ShellText.quoted)
            .joined(separator: " ")
    }
}
